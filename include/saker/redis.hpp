#pragma once

// A Redis backplane for hubs. Link saker::redis.

#ifndef SAKER_REDIS
#error "Link saker::redis: target_link_libraries(app PRIVATE saker::redis)"
#endif

#include <saker/redis/redis_backplane.hpp>
#include <saker/signalr.hpp>
