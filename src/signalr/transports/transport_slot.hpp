#pragma once

#include <chrono>
#include <cstdint>

#include <saker/signalr/transports/connection_context.hpp>

#include "async/deadline.hpp"
#include "signalr/waiter.hpp"

namespace saker::signalr {

/// Says which transport a connection has, whether one carries it now, and whether another one may
/// come.
///
/// Owner: the connection. Thread rule: its loop.
class transport_slot {
 public:
  explicit transport_slot(bool may_reconnect) noexcept
      : reconnect_(may_reconnect ? reconnect::allowed : reconnect::not_agreed) {}

  /// None, until the first one comes; they are all of the same kind.
  transport_type transport() const noexcept { return transport_; }
  transfer_format format() const noexcept { return format_; }
  void set_format(transfer_format format) noexcept { format_ = format; }

  bool is_carried() const noexcept {
    return state_ == state::carried || state_ == state::carried_for_now;
  }
  /// Somebody is about to carry it in another one's place.
  bool is_claimed() const noexcept {
    return state_ == state::carried_for_now || state_ == state::promised;
  }
  bool is_free() const noexcept { return state_ == state::free; }
  bool is_free_for(std::chrono::milliseconds time, std::uint64_t now) const noexcept {
    return is_free() && now >= free_since_ + async::deadline_wheel::ticks(time);
  }

  void carry(transport_type by) noexcept {
    transport_ = by;
    state_ = state::carried;
  }
  /// It is carried, and will be by somebody else, who waits for that.
  void claim() noexcept { state_ = state::carried_for_now; }
  auto wait_until_released() noexcept { return released_.wait(); }
  /// Whoever has claimed it does not come.
  void give_up_claim() noexcept {
    if (state_ == state::promised) state_ = state::free;
  }
  void release() noexcept {
    state_ = is_claimed() ? state::promised : state::free;
    released_.wake();
  }
  /// A transport is waited for from now on.
  void begin_waiting(std::uint64_t now) noexcept { free_since_ = now; }

  /// Whether a lost WebSocket may be followed by another one.
  bool allows_reconnect() const noexcept { return reconnect_ == reconnect::allowed; }
  /// That was so at first.
  bool was_reconnect_agreed() const noexcept { return reconnect_ != reconnect::not_agreed; }
  void disable_reconnect() noexcept {
    if (allows_reconnect()) reconnect_ = reconnect::over;
  }

 private:
  enum class state : std::uint8_t {
    free,
    carried,
    carried_for_now,  ///< Until who carries it lets go for somebody else.
    promised,         ///< He has let go.
  };
  enum class reconnect : std::uint8_t { not_agreed, allowed, over };

  transport_type transport_ = transport_type::none;
  transfer_format format_ = transfer_format::text;
  state state_ = state::free;
  reconnect reconnect_;
  std::uint64_t free_since_ = 0;  ///< In ticks of the loop.
  waiter released_;
};

}  // namespace saker::signalr
