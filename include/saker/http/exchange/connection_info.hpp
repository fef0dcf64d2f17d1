#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <saker/http/message/network_address.hpp>
#include <saker/io/certificate.hpp>

namespace saker {

namespace io {
struct channel_security;
}
namespace http {
class exchange;
}

/// Describes the connection that a request came on: `context.connection()`. A small value.
///
/// Owner: the caller. The TLS members stay valid as long as the value lives, even after the request
/// has ended. Thread rule: that of the http_context; the TLS members may be read on any thread.
///
/// Example:
/// ```cpp
/// const auto connection = context.connection();
/// if (const auto* client = connection.client_certificate()) {
///   std::printf("%s over %s\n", client->subject.c_str(),
///               std::string(connection.tls_version()).c_str());
/// }
/// ```
class connection_info {
 public:
  explicit connection_info(http::exchange& exchange);
  connection_info(const connection_info&);
  connection_info& operator=(const connection_info&) = delete;
  ~connection_info();

  /// Returns the peer's address, for example "127.0.0.1:50311" or "unix:". Behind a proxy, that is
  /// the proxy's address (see `http_request::remote_endpoint`), unless the proxy sent the client's
  /// with the PROXY protocol.
  std::string remote_endpoint() const;
  /// Returns the address of the peer, and the local address that accepted it.
  network_address remote_address() const;
  network_address local_address() const;

  /// Returns whether TLS protects the connection. If not, all the members below are empty.
  bool is_secure() const noexcept { return security_ != nullptr; }
  /// Returns "TLSv1.2" or "TLSv1.3".
  std::string_view tls_version() const noexcept;
  /// Returns the cipher suite, for example "TLS_AES_128_GCM_SHA256".
  std::string_view tls_cipher() const noexcept;
  /// Returns the host name that the client asked for (SNI, RFC 6066, section 3).
  std::string_view server_name() const noexcept;
  /// Returns whether the client resumed a session (RFC 8446, section 2.2).
  bool is_resumed() const noexcept;
  /// Returns the client's certificate, which has been verified (see
  /// `tls_options::client_certificates`), or null.
  const certificate* client_certificate() const noexcept;

 private:
  http::exchange& exchange_;
  std::shared_ptr<const io::channel_security> security_;
};

}  // namespace saker
