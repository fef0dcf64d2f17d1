#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace saker::testing {

/// The client's side of TLS in memory: takes and gives what goes over the wire.
class memory_tls_client {
 public:
  memory_tls_client() : context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_.get())) {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
  }

  /// Takes what the server has sent, and gives what goes there.
  std::string advance(std::string_view arrived) {
    if (!arrived.empty()) {
      BIO_write(SSL_get_rbio(ssl_.get()), arrived.data(), static_cast<int>(arrived.size()));
    }
    SSL_do_handshake(ssl_.get());
    char buffer[4096];
    for (int count = 0; (count = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0;) {
      received.append(buffer, static_cast<std::size_t>(count));
    }
    return outgoing();
  }
  bool is_ready() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  std::string encrypt(std::string_view text) {
    if (!text.empty() && SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) > 0) {
      sent += text;
    }
    return outgoing();
  }
  /// Asks the server for new keys (RFC 8446, section 4.6.3).
  std::string update_keys() {
    SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED);
    SSL_do_handshake(ssl_.get());
    return outgoing();
  }
  std::string end() {
    SSL_shutdown(ssl_.get());
    return outgoing();
  }

  std::string sent;
  std::string received;

 private:
  struct deleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  std::string outgoing() {
    ERR_clear_error();
    char* data = nullptr;
    const auto size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &data);
    std::string text(data, static_cast<std::size_t>(size));
    (void)BIO_reset(SSL_get_wbio(ssl_.get()));
    return text;
  }

  std::unique_ptr<SSL_CTX, deleter> context_;
  std::unique_ptr<SSL, deleter> ssl_;
};

}  // namespace saker::testing
