// The threads of the server: the world drives their loops (src/app/worker_thread.cpp is left
// out of the program, because these are here).

#include "app/worker_group.hpp"
#include "world.hpp"

namespace saker::app {

void worker::start(std::function<void()> on_end) {
  simulation::world::current()->add_worker(*this, std::move(on_end));
}

void worker::join() { simulation::world::current()->join(*this); }

// The world has waited.
void worker_group::wait_for_end(clock::time_point) {}

void worker_group::wait_for_threads() {
  for (auto& each : workers_) each->join();
}

}  // namespace saker::app
