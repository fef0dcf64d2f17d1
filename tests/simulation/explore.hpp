#pragma once

#include "world.hpp"

namespace saker::simulation {

/// Runs one seed after the other, each in a process of its own, for so many seconds; shrinks the
/// first that fails and prints what is left of it. Gives the exit status.
int explore(const scenario& from, double seconds);

/// Leaves out whatever the failure of a scenario does not need, and prints the rest.
int shrink(const scenario& failing);

}  // namespace saker::simulation
