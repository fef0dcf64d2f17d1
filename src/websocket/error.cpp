#include <saker/websocket/error.hpp>

namespace saker {
namespace {

class category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "saker.websocket"; }
  std::string message(int code) const override {
    switch (static_cast<websocket_errc>(code)) {
      case websocket_errc::invalid_message_type: return "The WebSocket message type is not valid.";
      case websocket_errc::faulted:
        return "The WebSocket's peer broke the protocol, or was silent for too long.";
      case websocket_errc::not_a_websocket:
        return "A WebSocket operation was called on a request or response that is not a WebSocket.";
      case websocket_errc::unsupported_version: return "Unsupported WebSocket version.";
      case websocket_errc::unsupported_protocol: return "Unsupported WebSocket protocol.";
      case websocket_errc::header_error: return "A WebSocket header is not valid.";
      case websocket_errc::connection_closed_prematurely:
        return "The remote party closed the WebSocket connection without completing the close "
               "handshake.";
      case websocket_errc::invalid_state:
        return "The state of the WebSocket does not allow this operation.";
    }
    return "Unknown WebSocket error.";
  }
};

}  // namespace

const std::error_category& websocket_category() noexcept {
  static const category instance;
  return instance;
}

std::error_code make_error_code(websocket_errc code) noexcept {
  return {static_cast<int>(code), websocket_category()};
}

websocket_error::websocket_error(websocket_errc code)
    : std::system_error(make_error_code(code)), message_(make_error_code(code).message()) {}

websocket_error::websocket_error(websocket_errc code, const std::string& message)
    : std::system_error(make_error_code(code)), message_(message) {}

}  // namespace saker
