#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "async/deadline.hpp"
#include "signalr/hub/held_messages.hpp"
#include "signalr/protocol/message_assembly.hpp"
#include "signalr/waiter.hpp"

namespace saker::signalr {

/// Keeps what a hub's client has sent and is not handled yet, and since when it has been waited
/// for.
///
/// Owner: hub_connection. Thread rule: the connection's loop.
class hub_input {
 public:
  explicit hub_input(std::optional<std::size_t> most_bytes) noexcept : assembly_(most_bytes) {}

  message_assembly& assembly() noexcept { return assembly_; }

  /// What must wait is held from here on, and the reading goes on: Acks make room, which are behind
  /// it.
  void read_on() noexcept { reading_ = reading::reads_on; }
  bool reads_on() const noexcept { return reading_ == reading::reads_on; }
  held_messages& held() noexcept { return held_; }
  const held_messages& held() const noexcept { return held_; }

  /// Waits until a message may be handled that must wait, or the end.
  auto way() noexcept { return way_.wait(); }
  /// Waits until more may be read, or the end.
  auto room() noexcept { return room_.wait(); }
  void make_way() noexcept { way_.wake(); }
  void make_room() noexcept { room_.wake(); }

  // The client's silence, in ticks of the wheel that turns. While the server does not read, the
  // client need not say that it lives.
  void begin_waiting(std::uint64_t now) noexcept { waiting_since_ = now; }
  void end_waiting() noexcept { waiting_since_ = 0; }
  void wait_anew(std::uint64_t now) noexcept {
    if (waiting_since_ != 0) waiting_since_ = now;
  }
  void take_ping() noexcept { has_pinged_ = true; }
  bool is_silent(std::uint64_t now, std::chrono::milliseconds most) const noexcept {
    return waiting_since_ != 0 && has_pinged_ &&
           now >= waiting_since_ + async::deadline_wheel::ticks(most);
  }

 private:
  enum class reading : std::uint8_t {
    stops,     ///< While something must wait.
    reads_on,  ///< It is held.
  };

  message_assembly assembly_;
  held_messages held_;
  waiter way_;                       ///< Who handles messages.
  waiter room_;                      ///< Who reads them.
  std::uint64_t waiting_since_ = 0;  ///< 0: it is not being read.
  reading reading_ = reading::stops;
  bool has_pinged_ = false;
};

}  // namespace saker::signalr
