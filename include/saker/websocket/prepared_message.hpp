#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <saker/websocket/types.hpp>

namespace saker {

namespace websockets {
class prepared;
}

/// Holds a message for many sockets: framed once, and compressed once for each window size that the
/// sockets negotiated.
///
/// Purpose: the argument of `websocket_group::broadcast`, `websocket::send` and
/// `websocket::try_send`. Owner: copies share one immutable value. Thread rule: any thread. Errors:
/// `std::invalid_argument` for the type close. Text must be UTF-8.
///
/// Compressed for many sockets, a message cannot refer to earlier messages, so it is compressed
/// without context; a socket with the server's context takeover starts a new context after it.
///
/// Example:
/// ```cpp
/// const websocket_prepared_message price(R"({"price":42})");
/// if (!socket.try_send(price)) socket.abort();
/// ```
class websocket_prepared_message {
 public:
  explicit websocket_prepared_message(std::string_view text, bool disable_compression = false);
  websocket_prepared_message(std::span<const std::byte> data, websocket_message_type type,
                             bool disable_compression = false);

  std::span<const std::byte> bytes() const noexcept;
  websocket_message_type type() const noexcept;

  /// Internal: for Saker itself.
  explicit websocket_prepared_message(std::shared_ptr<const websockets::prepared> shared) noexcept
      : shared_(std::move(shared)) {}
  const std::shared_ptr<const websockets::prepared>& shared() const noexcept { return shared_; }

 private:
  std::shared_ptr<const websockets::prepared> shared_;
};

}  // namespace saker
