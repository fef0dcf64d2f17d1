#include "server/worker.hpp"

namespace saker::server {

// In a file of their own, so that a program that has other definitions of them drives the loops
// itself (tests/simulation).

void worker::start() {
  thread_ = std::thread([this] { loop_.run(); });
}

void worker::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace saker::server
