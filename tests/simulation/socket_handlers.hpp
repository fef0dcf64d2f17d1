#pragma once

#include <saker/app/web_application.hpp>

#include "world.hpp"

namespace saker::simulation {

/// What a socket of `/ws/MODE?c=CLIENT` does: each of the names is a handler.
inline constexpr const char* socket_modes[] = {"echo", "busy",   "pieces",    "chatter", "moved",
                                               "room", "random", "listening", "late"};

void map_sockets(web_application& application, world& in);

}  // namespace saker::simulation
