#pragma once

#include <saker/app/web_application.hpp>

#include "world.hpp"

namespace saker::simulation {

/// The hub at `/hub`.
void map_hubs(web_application& application, world& in, random choices);

}  // namespace saker::simulation
