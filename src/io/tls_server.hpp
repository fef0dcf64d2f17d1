#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <saker/io/tls_options.hpp>

#include "io/client_trust.hpp"

namespace saker::io {

struct ssl_deleter {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using owned_ssl = std::unique_ptr<SSL, ssl_deleter>;
using owned_ssl_context = std::unique_ptr<SSL_CTX, ssl_deleter>;

/// The certificates of a server as they were loaded once, found by host name.
class tls_certificates {
 public:
  /// Throws `std::invalid_argument` that names the file that cannot be used.
  tls_certificates(const tls_options& options, const std::vector<unsigned char>& ticket_keys);

  owned_ssl make_ssl() const;

 private:
  struct named {
    std::string host;  ///< In lower case; "*." in front is left out for a suffix.
    owned_ssl_context context;
  };

  static int on_server_name(SSL* ssl, int* alert, void* self);
  SSL_CTX* find(std::string_view host) const;

  const client_trust trust_;
  owned_ssl_context unnamed_;  ///< The default, or a context without a certificate.
  bool has_default_ = false;
  std::map<std::string, owned_ssl_context, std::less<>> exact_;
  std::vector<named> suffixes_;  ///< The longest first.
};

/// The TLS side of a server: its certificates, loaded anew when their files change.
///
/// Owner: the server. Thread rule: any thread.
class tls_server {
 public:
  using clock = std::chrono::steady_clock;

  explicit tls_server(tls_options options);

  const tls_options& options() const noexcept { return options_; }
  /// The certificates for a new connection, which keeps them until its handshake is over.
  std::shared_ptr<const tls_certificates> certificates(clock::time_point now = clock::now());

 private:
  struct file_mark {
    std::int64_t changed = 0;  ///< Nanoseconds.
    std::uint64_t size = 0;
    std::uint64_t inode = 0;
    bool operator==(const file_mark&) const = default;
  };

  std::vector<file_mark> look_at_files() const;
  void reload_if_changed();

  const tls_options options_;
  std::vector<unsigned char> ticket_keys_;
  std::mutex mutex_;
  std::vector<file_mark> marks_;  ///< Of what is loaded.
  std::string failure_;           ///< Why what has changed since cannot be loaded.
  std::shared_ptr<const tls_certificates> loaded_;
  clock::time_point looked_at_;
};

}  // namespace saker::io
