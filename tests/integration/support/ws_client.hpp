#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "support/h2_client.hpp"
#include "support/raw_client.hpp"

namespace saker::testing {

/// A frame as a client sends it, with everything that can be wrong about it.
struct client_frame {
  unsigned opcode = 1;
  std::string payload = {};
  bool fin = true;
  unsigned reserved = 0;  ///< The three bits as a number, RSV1 is 4.
  bool masked = true;
  int length_bytes = -1;        ///< 0, 2 or 8; -1: the shortest form.
  std::int64_t announced = -1;  ///< Another length than the payload's.

  std::string bytes() const;
};

struct server_frame {
  bool fin = true;
  unsigned opcode = 0;
  std::string payload = {};
  bool compressed = false;  ///< RSV1.
};

/// What carries a WebSocket.
enum class carrier { http1, http1_tls, http2, http2_tls };
inline constexpr carrier every_carrier[] = {carrier::http1, carrier::http1_tls, carrier::http2,
                                            carrier::http2_tls};
constexpr bool has_tls(carrier protocol) {
  return protocol == carrier::http1_tls || protocol == carrier::http2_tls;
}
constexpr bool is_http2(carrier protocol) {
  return protocol == carrier::http2 || protocol == carrier::http2_tls;
}
/// For the names of tests.
std::string to_string(carrier protocol);

/// A WebSocket client that does exactly what it is told.
class ws_client {
 public:
  /// Connects and completes the handshake; `extra` goes out in the same packet.
  explicit ws_client(std::uint16_t port, std::string_view path = "/ws", std::string_view extra = {},
                     std::string_view fields = {});
  /// The same with an offer of extensions.
  static ws_client offering(std::uint16_t port, std::string_view path, std::string_view extensions);

  /// The same over any of the protocols.
  static ws_client over(carrier protocol, std::uint16_t port, std::string_view path,
                        std::string_view extra = {}, const h2::fields& fields = {});

  /// The extensions that the server has agreed to.
  const std::string& extensions() const noexcept { return extensions_; }

  /// The connection, where the socket has one for itself (HTTP/1.1).
  raw_client& raw() { return dynamic_cast<raw_client&>(*channel_); }
  byte_channel& channel() noexcept { return *channel_; }
  void send(const client_frame& frame) { channel_->send_all(frame.bytes()); }
  server_frame read_frame();
  /// Gathers frames up to FIN, still compressed; control frames must not come between.
  server_frame read_message();
  /// Expects a Close with that code (0: without one) and then the end of the connection.
  void expect_close(unsigned code);
  /// Sends an empty Close and expects it answered with 1000.
  void close();

 private:
  explicit ws_client(std::unique_ptr<byte_channel> channel) : channel_(std::move(channel)) {}
  void upgrade(std::string_view path, std::string_view extra, std::string_view fields);

  std::unique_ptr<byte_channel> channel_;
  std::string extensions_;
};

/// A handshake request; further fields end with CRLF each.
std::string handshake_request(std::string_view path, std::string_view fields = {});
/// The payload of a Close.
std::string close_payload(unsigned code, std::string_view text = {});

}  // namespace saker::testing
