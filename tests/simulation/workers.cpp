// The threads of the server: the world drives their loops (src/server/worker_thread.cpp is left
// out of the program, because these are here).

#include "server/worker.hpp"
#include "world.hpp"

namespace saker::server {

void worker::start() { simulation::world::current()->add_worker(*this); }

void worker::join() { simulation::world::current()->join(*this); }

}  // namespace saker::server
