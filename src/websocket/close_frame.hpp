#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <saker/websocket/types.hpp>

namespace saker::websockets {

/// The payload of a Close (RFC 6455, section 5.5.1).
struct close_payload {
  websocket_close_status status = websocket_close_status::normal_closure;
  std::string description;
};

/// Reads the peer's Close. Absent when it is malformed: one byte, a code that may not be sent, a
/// text that is not UTF-8. An empty payload reads as 1000.
std::optional<close_payload> parse_close(std::span<const std::byte> payload);

/// Throws `std::invalid_argument` for what an application may not send: by the same rule what the
/// peer may not.
void validate_close(websocket_close_status status, std::string_view description);

/// The payload to send; empty for `websocket_close_status::empty`.
class encoded_close {
 public:
  encoded_close(websocket_close_status status, std::string_view description) noexcept;
  std::span<const std::byte> bytes() const noexcept { return std::span(data_).first(size_); }

 private:
  std::array<std::byte, 125> data_;
  std::size_t size_ = 0;
};

}  // namespace saker::websockets
