#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "random.hpp"
#include "support/memory_tls_client.hpp"

namespace saker::simulation {

/// What the program of a client speaks above TCP.
enum class application_protocol { http1, http2 };

/// The client's side of TLS: in records of any size, and with new keys now and then. Each call
/// gives what goes over the wire.
///
/// What is sent is random, but its size is not: that is why the server's key is one of Ed25519.
class tls_end {
 public:
  tls_end(random choices, application_protocol above);

  std::string begin() { return tls_.advance({}); }
  /// Waits for the end of the handshake.
  std::string send(std::string_view text);
  std::string receive(std::string_view arrived);
  /// Asks for new keys.
  std::string update_keys() { return tls_.update_keys(); }
  /// After the handshake only.
  std::string end() { return tls_.end(); }

  /// What has been received since the last time.
  std::string take_received();
  bool is_ready() const { return tls_.is_ready(); }
  bool is_ended() const { return tls_.is_ended(); }
  bool has_failed() const { return tls_.has_failed(); }
  std::size_t held() const noexcept { return fixed_cost + 2 * waiting_.capacity(); }

 private:
  static constexpr std::size_t fixed_cost = 128 * 1024;

  std::string encrypt(std::string_view text);

  random choices_;
  bool updates_keys_ = false;
  testing::memory_tls_client tls_;
  std::string waiting_;
};

/// A file with the certificate and the key of the server; made once.
const std::string& server_certificate_file();

}  // namespace saker::simulation
