#pragma once

#include <string>

#include <saker/http/features/jwt_bearer.hpp>

namespace saker::http {

/// Throws `std::invalid_argument` for a secret that is too short, or a key of another kind.
void require_verifying_key(const jwt_key& key);
void require_signing_key(const jwt_key& key);

}  // namespace saker::http
