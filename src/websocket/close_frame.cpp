#include "websocket/close_frame.hpp"

#include <algorithm>
#include <stdexcept>

#include "websocket/utf8_validator.hpp"

namespace saker::websockets {
namespace {

constexpr std::size_t longest_description = 123;

/// The codes that a Close may carry, whoever sends it (RFC 6455, section 7.4, and what has been
/// registered since).
bool may_be_sent(unsigned code) {
  if (code >= 1000 && code <= 1014) return code != 1004 && code != 1005 && code != 1006;
  return code >= 3000 && code <= 4999;
}

bool is_utf8(std::span<const std::byte> text) {
  utf8_validator validator;
  return validator.feed(text) && validator.is_complete();
}

}  // namespace

std::optional<close_payload> parse_close(std::span<const std::byte> payload) {
  if (payload.empty()) return close_payload{};
  if (payload.size() == 1) return std::nullopt;
  const auto code =
      std::to_integer<unsigned>(payload[0]) << 8 | std::to_integer<unsigned>(payload[1]);
  const auto text = payload.subspan(2);
  if (!may_be_sent(code) || !is_utf8(text)) return std::nullopt;
  return close_payload{static_cast<websocket_close_status>(code),
                       std::string(reinterpret_cast<const char*>(text.data()), text.size())};
}

void validate_close(websocket_close_status status, std::string_view description) {
  const auto code = static_cast<unsigned>(status);
  const auto quoted = "'" + std::string(description) + "'";
  if (!may_be_sent(code) && status != websocket_close_status::empty) {
    throw std::invalid_argument("The close status code '" + std::to_string(code) +
                                "' must not be sent.");
  }
  if (status == websocket_close_status::empty && !description.empty()) {
    throw std::invalid_argument("The close status description " + quoted +
                                " must be empty: the close status code '1005' sends an empty "
                                "Close.");
  }
  if (description.size() > longest_description) {
    throw std::invalid_argument("The close status description " + quoted +
                                " must not be longer than 123 bytes.");
  }
  if (!is_utf8(std::as_bytes(std::span(description)))) {
    throw std::invalid_argument("The close status description is not UTF-8.");
  }
}

encoded_close::encoded_close(websocket_close_status status, std::string_view description) noexcept {
  if (status == websocket_close_status::empty) return;
  const auto code = static_cast<unsigned>(status);
  data_[0] = static_cast<std::byte>(code >> 8);
  data_[1] = static_cast<std::byte>(code & 0xffU);
  std::copy(description.begin(), description.end(), reinterpret_cast<char*>(data_.data()) + 2);
  size_ = 2 + description.size();
}

}  // namespace saker::websockets
