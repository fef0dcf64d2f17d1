#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <saker/websocket/types.hpp>

namespace saker {

/// What `websocket::receive` gives.
struct websocket_receive_result {
  /// Bytes put into the buffer.
  std::size_t count = 0;
  websocket_message_type type = websocket_message_type::close;
  /// True when the last byte of the message is among them.
  bool end_of_message = true;
  /// Set when the peer's Close has come, instead of data. A Close without a status counts as 1000.
  std::optional<websocket_close_status> close_status;
  std::string close_status_description;
};

/// A whole message, or the peer's Close, as `websocket::receive_message` gives it.
///
/// Owner: the holder; the views are valid as long as it lives and is not moved from.
class websocket_message {
 public:
  websocket_message() = default;

  websocket_message_type type() const noexcept { return type_; }
  bool is_text() const noexcept { return type_ == websocket_message_type::text; }
  /// The peer has closed: see `websocket::close_status`.
  bool is_close() const noexcept { return type_ == websocket_message_type::close; }

  std::size_t size() const noexcept { return size_; }
  std::span<const std::byte> bytes() const noexcept { return {data_.get(), size_}; }
  /// The bytes as characters; UTF-8 for sure when the type is text.
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(data_.get()), size_};
  }

  /// For Saker's own rooms.
  void set_type(websocket_message_type type) noexcept { type_ = type; }
  /// Adds that many uninitialised bytes, to be filled by the caller.
  std::span<std::byte> extend(std::size_t bytes);

 private:
  websocket_message_type type_ = websocket_message_type::close;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::unique_ptr<std::byte[]> data_;
};

}  // namespace saker
