#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <saker/core/certificate.hpp>
#include <saker/http/network_address.hpp>

namespace saker {

namespace core {
struct channel_security;
}
namespace http {
class exchange;
}

/// What is known of the connection that a request came on: `context.connection()`. A small value.
///
/// Owner: whoever asked; what it says of TLS stays true as long as it lives, the request may be
/// over. Thread rule: that of the http_context; what it says of TLS may be read anywhere.
class connection_info {
 public:
  explicit connection_info(http::exchange& exchange);
  connection_info(const connection_info&);
  connection_info& operator=(const connection_info&) = delete;
  ~connection_info();

  /// The peer's address, for example "127.0.0.1:50311" or "unix:": a proxy's where one is between
  /// (see `http_request::remote_endpoint`), unless it has told the client's by the PROXY protocol.
  std::string remote_endpoint() const;
  /// Where the peer is, and where it has been accepted.
  network_address remote_address() const;
  network_address local_address() const;

  /// Whether TLS protects it. Where it does not, everything below is empty.
  bool is_secure() const noexcept { return security_ != nullptr; }
  /// "TLSv1.2" or "TLSv1.3".
  std::string_view tls_version() const noexcept;
  /// For example "TLS_AES_128_GCM_SHA256".
  std::string_view tls_cipher() const noexcept;
  /// The host name that the client asked for (SNI, RFC 6066).
  std::string_view server_name() const noexcept;
  /// Whether the client has resumed a session (RFC 8446, section 2.2).
  bool is_resumed() const noexcept;
  /// The certificate that the client has shown, which has been verified (see
  /// `tls_options::client_certificates`); null: none.
  const certificate* client_certificate() const noexcept;

 private:
  http::exchange& exchange_;
  std::shared_ptr<const core::channel_security> security_;
};

}  // namespace saker
