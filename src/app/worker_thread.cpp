#include <string>
#include <utility>

#include "app/worker_group.hpp"
#include "observe/log.hpp"

namespace saker::app {

// All that runs a loop on a thread or blocks one: in a file of its own, so that a program that has
// other definitions drives the loops itself.

void worker::start(std::function<void()> on_end) {
  thread_ = std::thread([this, on_end = std::move(on_end)] {
    loop_.run();
    on_end();
  });
}

void worker::join() {
  if (thread_.joinable()) thread_.join();
}

void worker_group::wait_for_end(clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [this] { return unfinished_ == 0 || in_hurry_; });
}

void worker_group::wait_for_threads() {
  {
    constexpr std::chrono::seconds patience{1};
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return running_ == 0; })) {
      observe::log(observe::log_level::warning,
                   "Handlers block the threads of " + std::to_string(running_) +
                       " event loops: the server cannot end before they return.");
    }
  }
  for (auto& each : workers_) each->join();
}

}  // namespace saker::app
