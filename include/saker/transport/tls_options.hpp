#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace saker {

/// A certificate of the server and the host names that it is for.
struct tls_certificate {
  /// "www.example.com", "*.example.com" (one label or more in front; the longest suffix wins), or
  /// empty: for every other name and for clients that send none.
  std::string host = {};
  /// PEM, with the chain behind the certificate; or PKCS#12, told by its content.
  std::string certificate_file = {};
  /// PEM; empty: the key is in `certificate_file`.
  std::string key_file = {};
  /// Of the key, or of the PKCS#12 file; empty: none.
  std::string password = {};
};

/// Whether clients must prove who they are.
enum class client_certificate_mode {
  none,     ///< They are not asked.
  allow,    ///< They are asked and may decline; what they show must be valid.
  require,  ///< Without a valid certificate the handshake fails.
};

/// TLS on the `https://` endpoints (RFC 8446, RFC 5246): version 1.2 and later, with forward
/// secrecy and authenticated encryption only; renegotiation and compression are off; HTTP/2 and
/// HTTP/1.1 are offered by ALPN; sessions are resumed by tickets, whose keys live as long as the
/// process. A ticket of a client with a certificate holds no longer than that certificate, its
/// issuers and the authorities that it was verified by; then the client shows its certificate
/// again.
///
/// The files are looked at again at most once a second, when a connection comes in; what has
/// changed holds for new connections, and open ones stay. Files that cannot be read or do not fit
/// together (yet) are logged, the old ones go on, and each look tries again.
///
/// Errors: a file that cannot be used throws `std::invalid_argument` that names it, from
/// `web_application::start`.
struct tls_options {
  /// A name that fits none of them refuses the handshake (alert unrecognized_name). At least one.
  std::vector<tls_certificate> certificates = {};
  client_certificate_mode client_certificates = client_certificate_mode::none;
  /// PEM: whom to trust for client certificates. Empty: the authorities of the system.
  std::string client_certificate_authorities = {};
  /// From the connection to the end of the handshake; over it the connection ends. More than 0,
  /// default 10 s.
  std::chrono::milliseconds handshake_timeout{10'000};

  /// Throws `std::invalid_argument` that names the option and the allowed range.
  void validate() const;
};

}  // namespace saker
