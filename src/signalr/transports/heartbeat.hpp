#pragma once

#include "async/deadline.hpp"
#include "async/intrusive_list.hpp"
#include "async/loop_state.hpp"
#include "signalr/transports/connection.hpp"

namespace saker::signalr {

/// Looks after all connections of a loop, once a second.
class heartbeat {
 public:
  heartbeat() : timer_(&heartbeat::on_time, this) {}

  void add(connection& each) {
    connections_.push_back(each);
    if (!timer_.is_set()) arm();
  }

 private:
  static constexpr std::chrono::milliseconds period{1000};

  static void on_time(void* self) { static_cast<heartbeat*>(self)->beat(); }
  void arm() { timer_.set(event_loop::current()->state().deadlines(), period); }
  void beat() {
    // One after the other, since each may end itself and others.
    async::intrusive_list<connection> waiting;
    while (!connections_.empty()) waiting.push_back(connections_.pop_front());
    while (!waiting.empty()) {
      auto& each = waiting.pop_front();
      connections_.push_back(each);
      each.on_heartbeat();
    }
    if (!connections_.empty()) arm();
  }

  async::intrusive_list<connection> connections_;
  async::deadline timer_;
};

}  // namespace saker::signalr
