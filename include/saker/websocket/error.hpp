#pragma once

#include <string>
#include <system_error>

namespace saker {

/// Names the errors of WebSockets, with the values of .NET's WebSocketError.
enum class websocket_errc {
  invalid_message_type = 1,
  faulted = 2,  ///< The peer broke the protocol and was sent a Close.
  not_a_websocket = 4,
  unsupported_version = 5,
  unsupported_protocol = 6,
  header_error = 7,
  connection_closed_prematurely = 8,
  invalid_state = 9,
};

const std::error_category& websocket_category() noexcept;
std::error_code make_error_code(websocket_errc code) noexcept;

/// Reports an error that the peer or the network caused, or an operation in the wrong state.
/// `what()` says which, in one sentence.
///
/// Example:
/// ```cpp
/// try {
///   co_await socket.send("tick");
/// } catch (const websocket_error& error) {
///   if (error.error() != websocket_errc::connection_closed_prematurely) throw;
/// }
/// ```
class websocket_error : public std::system_error {
 public:
  explicit websocket_error(websocket_errc code);
  websocket_error(websocket_errc code, const std::string& message);

  websocket_errc error() const noexcept { return static_cast<websocket_errc>(code().value()); }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

}  // namespace saker

template <>
struct std::is_error_code_enum<saker::websocket_errc> : std::true_type {};
