#pragma once

#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <saker/io/tls_options.hpp>

namespace saker::io {

/// Whom a server trusts for client certificates, as it was loaded once.
///
/// A session that is resumed must be worth what a full handshake would be now (RFC 8446, section
/// 4.6.1): each ticket says by which authorities its client was verified and until when that
/// verification can hold. When the authorities have changed or a certificate of the chain has
/// expired, the ticket is ignored and the client must show its certificate again.
///
/// Owner: tls_certificates; it outlives the handshakes of the contexts that it was applied to.
/// Thread rule: any thread.
class client_trust {
 public:
  /// Throws `std::invalid_argument` that names the file that cannot be used.
  explicit client_trust(const tls_options& options);

  /// Makes the context ask for client certificates and mind its tickets; nothing, where clients are
  /// not asked.
  void apply(SSL_CTX* context) const;

  /// What a ticket says of a client whose verification holds until then (seconds since 1970).
  std::vector<unsigned char> mark(std::int64_t until) const;
  bool accepts(std::span<const unsigned char> mark, std::int64_t now) const;

 private:
  using identity = std::array<unsigned char, 32>;

  static int on_new_ticket(SSL* ssl, void* self);
  static SSL_TICKET_RETURN on_ticket(SSL* ssl, SSL_SESSION* session, const unsigned char* key_name,
                                     std::size_t key_name_size, SSL_TICKET_STATUS status,
                                     void* self);
  void add_authorities(SSL_CTX* context) const;

  client_certificate_mode mode_;
  std::string file_;
  std::string authorities_;  ///< PEM; empty: those of the system.
  identity identity_{};
};

}  // namespace saker::io
