#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <saker/websocket/types.hpp>

namespace saker {

/// Says what `websocket::receive` has received.
///
/// Example:
/// ```cpp
/// std::array<std::byte, 4096> buffer;
/// const auto received = co_await socket.receive(buffer);
/// if (received.close_status) co_await socket.close(*received.close_status);
/// ```
struct websocket_receive_result {
  /// Bytes written to the buffer.
  std::size_t count = 0;
  websocket_message_type type = websocket_message_type::close;
  /// True when they include the last byte of the message.
  bool end_of_message = true;
  /// Set when the peer's Close was received instead of data. A Close without a status reads as
  /// 1000.
  std::optional<websocket_close_status> close_status;
  std::string close_status_description;
};

/// Holds a whole message, or the peer's Close, as returned by `websocket::receive_message`.
///
/// Owner: the caller. The views are valid until the message is destroyed or moved from.
///
/// Example:
/// ```cpp
/// const auto message = co_await socket.receive_message();
/// if (message.is_text()) std::cout << message.text() << '\n';
/// if (!message.is_close()) co_await socket.send(message);
/// ```
class websocket_message {
 public:
  websocket_message() = default;

  websocket_message_type type() const noexcept { return type_; }
  bool is_text() const noexcept { return type_ == websocket_message_type::text; }
  /// Returns true when the peer has closed: see `websocket::close_status`.
  bool is_close() const noexcept { return type_ == websocket_message_type::close; }

  std::size_t size() const noexcept { return size_; }
  std::span<const std::byte> bytes() const noexcept { return {data_.get(), size_}; }
  /// Returns the bytes as characters; valid UTF-8 when the type is text.
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(data_.get()), size_};
  }

  /// Internal: for Saker itself.
  void set_type(websocket_message_type type) noexcept { type_ = type; }
  /// Internal: appends that many uninitialised bytes, which the caller fills.
  std::span<std::byte> extend(std::size_t bytes);

 private:
  websocket_message_type type_ = websocket_message_type::close;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::unique_ptr<std::byte[]> data_;
};

}  // namespace saker
