#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

#include <saker/websocket/error.hpp>
#include <saker/websocket/types.hpp>

#include "websocket/close_frame.hpp"

namespace saker::websockets {

/// How the input ends, behind what nobody has received yet.
struct input_end {
  websocket_errc reason;
  websocket_close_status status;  ///< That answers a fault of the peer.
  const char* text;               ///< Static text, or null.
};

/// Why nothing reaches the peer any more.
struct connection_loss {
  websocket_errc reason;
  const char* text;           ///< Static text, or null.
  bool took_nothing = false;  ///< The peer, within `send_timeout`.

  std::exception_ptr exception() const;
};

/// What an operation of an aborted socket fails with.
std::exception_ptr canceled();

/// How far a WebSocket is on its way to its end: what has been said on either side, and what went
/// wrong.
///
/// Owner: the socket; its lifetime decides on what changes here. Thread rule: the loop's thread,
/// but for the members that say otherwise.
class close_state {
 public:
  close_state() = default;
  ~close_state() { delete peer_close_.load(); }
  close_state(const close_state&) = delete;
  close_state& operator=(const close_state&) = delete;

  // From any thread.
  websocket_state state() const noexcept { return state_.load(std::memory_order_acquire); }
  /// Null as long as the peer's Close has not come.
  const close_payload* received_close() const noexcept {
    return peer_close_.load(std::memory_order_acquire);
  }
  bool has_peer_close() const noexcept { return received_close() != nullptr; }

  // On the loop.
  bool has_sent_close() const noexcept { return close_sent_; }
  /// Null: what is sent reaches the peer, as far as is known.
  const connection_loss* loss() const noexcept { return loss_.get(); }
  /// Throws where an operation is not legal.
  void require(bool legal, std::string_view valid_states) const;

  void set(websocket_state state) noexcept { state_.store(state, std::memory_order_release); }
  void note_close_sent() noexcept { close_sent_ = true; }
  /// Once.
  void note_peer_close(close_payload close) {
    peer_close_.store(new close_payload(std::move(close)), std::memory_order_release);
  }
  /// The application has received the peer's Close.
  void note_close_shown() noexcept {
    set(close_sent_ ? websocket_state::closed : websocket_state::close_received);
  }
  /// The first one counts.
  const connection_loss& note_loss(const connection_loss& how) {
    if (!loss_) loss_ = std::make_unique<const connection_loss>(how);
    return *loss_;
  }

 private:
  std::atomic<websocket_state> state_ = websocket_state::open;
  bool close_sent_ = false;
  std::unique_ptr<const connection_loss> loss_;
  std::atomic<const close_payload*> peer_close_ = nullptr;  ///< Owned.
};

}  // namespace saker::websockets
