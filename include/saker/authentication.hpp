#pragma once

// JWT bearer tokens. Link saker::authentication.

#ifndef SAKER_AUTHENTICATION
#error "Link saker::authentication: target_link_libraries(app PRIVATE saker::authentication)"
#endif

#include <saker/http/features/jwt_bearer.hpp>
#include <saker/http/features/jwt_issuer.hpp>
#include <saker/saker.hpp>
