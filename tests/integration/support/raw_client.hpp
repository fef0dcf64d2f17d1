#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "support/byte_channel.hpp"
#include "support/tls_session.hpp"

namespace saker::testing {

/// A blocking client on a socket, plain or with TLS.
///
/// Owner: the test.
class raw_client final : public byte_channel {
 public:
  /// Connects to 127.0.0.1.
  static raw_client connect(std::uint16_t port);
  /// The same, with a small receive buffer: little fits between a server and a client that does
  /// not read.
  static raw_client connect_with_small_buffer(std::uint16_t port);
  /// The same with TLS; throws when the handshake fails.
  static raw_client connect_tls(std::uint16_t port, const tls_client_options& options = {});
  static raw_client connect_unix(const std::string& path);

  raw_client(raw_client&& other) noexcept;
  raw_client& operator=(raw_client&& other) noexcept;
  ~raw_client() override;

  void send_all(std::string_view bytes) override;
  /// Sends as much as the server takes; false when it has ended the connection before the end.
  bool try_send_all(std::string_view bytes);

  /// Reads up to and with the text.
  std::string read_until(std::string_view text, std::chrono::milliseconds limit = patience);
  std::string read_exactly(std::size_t size, std::chrono::milliseconds limit = patience) override;
  std::string read_to_eof(std::chrono::milliseconds limit = patience) override;
  /// Whatever is there: at least one byte, or empty at the end of the connection.
  std::string read_some(std::chrono::milliseconds limit = patience);
  /// After a read that met the end: true when that was a reset instead of a FIN.
  bool was_reset() const noexcept { return was_reset_; }

  /// Ends the sending side (FIN).
  void half_close();
  /// Ends the connection with a RST.
  void reset();
  void close() noexcept;

  int descriptor() const noexcept { return descriptor_; }
  /// Null without TLS.
  const tls_session* tls() const noexcept { return tls_.get(); }

 private:
  using clock = std::chrono::steady_clock;

  explicit raw_client(int descriptor) noexcept : descriptor_(descriptor) {}
  static raw_client connect(std::uint16_t port, std::optional<int> receive_buffer);
  bool wait_for(short events, clock::time_point deadline) const;
  /// Appends to the buffer; false at the end of the connection.
  bool fill(clock::time_point deadline);
  bool send_bytes(std::string_view bytes);
  void shake_hands(const tls_client_options& options);
  bool send_encrypted(std::string_view bytes);
  bool fill_decrypted(clock::time_point deadline);

  int descriptor_ = -1;
  bool was_reset_ = false;
  std::string buffer_;
  std::unique_ptr<tls_session> tls_;
};

}  // namespace saker::testing
