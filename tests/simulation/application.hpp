#pragma once

#include <saker/app/web_application.hpp>

#include "world.hpp"

namespace saker::simulation {

/// Everything that the simulated server serves.
void map_application(web_application& application, world& in, random choices);

}  // namespace saker::simulation
