#pragma once

#include <cstddef>

#include "echo_reader.hpp"
#include "latency.hpp"
#include "load_connection.hpp"
#include "message.hpp"
#include "poller.hpp"
#include "wire.hpp"

namespace saker_load {

/// Keeps messages in flight on one connection: each echo is answered with the next message.
class echo_connection final : public load_connection {
 public:
  echo_connection(wire socket, const messages& sent, poller& events);

  /// The poller holds its address.
  echo_connection(const echo_connection&) = delete;

  /// In one write.
  void send(std::size_t count) override;
  std::size_t on_readable(latencies& samples, bool send_again) override;
  void on_writable() override;
  std::size_t in_flight() const override { return in_flight_; }

 private:
  void flush();
  void answer_ping();

  wire socket_;
  const messages& messages_;
  poller& events_;
  echo_reader reader_;
  latency_probe probe_;
  std::size_t in_flight_ = 0;
  std::size_t next_ = 0;    // message to send
  std::size_t unsent_ = 0;  // bytes
  std::size_t offset_ = 0;  // of the next byte to send, in the round
  bool watching_writable_ = false;
};

}  // namespace saker_load
