#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace saker {

/// Names the files of a server certificate and the host names that it serves.
///
/// Example:
/// ```cpp
/// const tls_certificate one{.host = "*.example.com",
///                           .certificate_file = "example.crt",
///                           .key_file = "example.key"};
/// ```
struct tls_certificate {
  /// "www.example.com", "*.example.com" (one label or more before the suffix; the longest suffix
  /// wins), or empty: for every other name and for clients that send no name.
  std::string host = {};
  /// PEM, with the chain after the certificate; or PKCS#12, detected by its content.
  std::string certificate_file = {};
  /// PEM; empty: the key is in `certificate_file`.
  std::string key_file = {};
  /// The password of the key, or of the PKCS#12 file; empty: none.
  std::string password = {};
};

/// Says whether clients must present a certificate.
enum class client_certificate_mode {
  none,     ///< Clients are not asked.
  allow,    ///< Clients are asked and may decline; a certificate must be valid.
  require,  ///< Without a valid certificate the handshake fails.
};

/// Configures TLS on the `https://` endpoints (RFC 8446, RFC 5246): version 1.2 and later, with
/// forward secrecy and authenticated encryption only; renegotiation and compression are off; ALPN
/// offers HTTP/2 and HTTP/1.1; sessions are resumed by tickets, whose keys live as long as the
/// process. The ticket of a client with a certificate is valid no longer than that certificate, its
/// issuers and the authorities that verified it; then the client must present its certificate
/// again.
///
/// The files are checked for changes at most once a second, when a connection arrives; changed
/// files apply to new connections, and open ones stay. If files cannot be read or do not match, the
/// error is logged, the old ones stay in use, and each check tries again.
///
/// Errors: an unusable file throws `std::invalid_argument` that names it, from
/// `web_application::start`.
///
/// Example:
/// ```cpp
/// app.use_https({.certificates = {{.certificate_file = "server.crt", .key_file = "server.key"}},
///                .client_certificates = client_certificate_mode::require,
///                .client_certificate_authorities = "clients.crt"});
/// ```
struct tls_options {
  /// At least one. A handshake for a name that none of them serves is refused (alert
  /// unrecognized_name).
  std::vector<tls_certificate> certificates = {};
  client_certificate_mode client_certificates = client_certificate_mode::none;
  /// PEM: the authorities trusted for client certificates. Empty: the system's.
  std::string client_certificate_authorities = {};
  /// How long a connection may take to finish the handshake; then it is ended. More than 0, default
  /// 10 s.
  std::chrono::milliseconds handshake_timeout{10'000};

  /// Throws `std::invalid_argument` that names the option and the allowed range.
  void validate() const;
};

}  // namespace saker
