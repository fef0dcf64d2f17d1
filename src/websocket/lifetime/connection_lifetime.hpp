#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <saker/async/task.hpp>
#include <saker/websocket/error.hpp>
#include <saker/websocket/types.hpp>

namespace saker::http {
class upgrade_host;
}

namespace saker::websockets {

class close_wait;
class connection;
class close_state;
struct connection_loss;
struct input_end;

/// How a WebSocket ends: the closing handshake (RFC 6455, section 7), the loss of the connection,
/// a stop of the server, and a handle or a handler that goes.
///
/// Owner: the connection. Thread rule: the loop's thread, but for the members that say otherwise.
class connection_lifetime {
 public:
  enum class ending : std::uint8_t { reset, in_order };

  explicit connection_lifetime(connection& socket) noexcept : socket_(socket) {}
  connection_lifetime(const connection_lifetime&) = delete;
  connection_lifetime& operator=(const connection_lifetime&) = delete;

  void set_host(http::upgrade_host& host) noexcept { host_ = &host; }

  // From any thread.
  bool has_peer_close() const noexcept;
  bool has_ended() const noexcept {
    return outcome_.load(std::memory_order_acquire) != outcome::none;
  }
  /// Whether it has ended because the peer took nothing.
  bool gave_up_sending() const noexcept {
    return outcome_.load(std::memory_order_acquire) == outcome::gave_up_sending;
  }

  // On the loop.
  bool is_stopping() const noexcept { return stopping_; }
  bool handler_is_done() const noexcept { return host_ == nullptr; }
  /// Whether nothing is missing but the peer's answer to our Close.
  bool waits_for_peer() const noexcept;

  // The application.
  task<void> close(websocket_close_status status, std::string description);
  void close_output(websocket_close_status status, std::string_view description);
  void abort();
  void release_handle();
  void end_turn();
  void end_handler(bool failed);
  void stop();

  // The peer and the network.
  void take_close(std::span<const std::byte> payload);
  void end_read();
  void lose_stream();
  /// The end has arrived while nothing is read. `lost`: nothing reaches the peer any more.
  void note_end_arrived(bool lost);
  /// All that came before the end has been received, or never will be.
  void reach_end(const input_end& end);

  /// Answers a fault of the peer with a Close, and ends the connection.
  void fail(websocket_close_status status, const char* text);
  /// The connection has ended otherwise than by a Close of both sides. What has arrived is
  /// received first.
  void lose(connection_loss how, ending order = ending::reset);

 private:
  /// What has become of the stream.
  enum class outcome : std::uint8_t { none, ended, gave_up_sending };

  /// The application's handle.
  enum class handle : std::uint8_t {
    held,
    gone,     ///< Whether the handler has ended as well shows at the end of the turn.
    closing,  ///< The closing handshake goes on without it.
  };

  void send_close(websocket_close_status status, std::string_view description);
  bool begin_close();
  void await_peer_close();
  void finish_close();
  void close_for_stop();
  void close_after_posted(websocket_close_status status);
  void finish_in_background(websocket_close_status status);
  void lose_output(connection_loss how);
  void note_end(unsigned code) noexcept;
  void end_stream(ending order);
  close_state& closing() const noexcept;
  void wake_closers() noexcept;
  void tell_host() noexcept;

  connection& socket_;
  http::upgrade_host* host_ = nullptr;  ///< Until the handler has ended.
  std::atomic<outcome> outcome_ = outcome::none;
  bool stopping_ = false;
  handle handle_ = handle::held;
  std::uint16_t end_code_ = 0;  ///< Of the first Close.
  close_wait* close_waiter_ = nullptr;
};

}  // namespace saker::websockets
