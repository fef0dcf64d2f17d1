#pragma once

#include <cstddef>

#include "latency.hpp"

namespace saker_load {

/// What an echo run turns: one connection, with one or many WebSockets on it.
class load_connection {
 public:
  virtual ~load_connection() = default;

  /// Sends `count` more messages on each of its WebSockets.
  virtual void send(std::size_t count) = 0;
  /// Receives once. Returns the number of echoes that ended, and sends as many again if told to.
  virtual std::size_t on_readable(latencies& samples, bool send_again) = 0;
  virtual void on_writable() = 0;
  virtual std::size_t in_flight() const = 0;
};

}  // namespace saker_load
