#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace saker::testing {

/// The client's side of TLS in memory: takes and gives what goes over the wire.
class memory_tls_client {
 public:
  explicit memory_tls_client(const std::function<void(SSL*)>& configure = {})
      : ssl_(SSL_new(context())) {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
    if (configure) configure(ssl_.get());
  }

  /// Takes what the server has sent, and gives what goes there.
  std::string advance(std::string_view arrived) {
    if (!arrived.empty()) {
      BIO_write(SSL_get_rbio(ssl_.get()), arrived.data(), static_cast<int>(arrived.size()));
    }
    if (!note(SSL_do_handshake(ssl_.get()))) return outgoing();
    char buffer[4096];
    int count = 0;
    while ((count = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0) {
      received.append(buffer, static_cast<std::size_t>(count));
    }
    note(count);
    return outgoing();
  }
  bool is_ready() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  /// The server has ended its side in order (close_notify).
  bool is_ended() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  /// What the server has sent is no TLS, or it has refused.
  bool has_failed() const { return failed_; }
  std::string encrypt(std::string_view text) {
    if (!text.empty() && SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) > 0) {
      sent += text;
    }
    return outgoing();
  }
  /// Asks the server for new keys (RFC 8446, section 4.6.3).
  std::string update_keys(int kind = SSL_KEY_UPDATE_REQUESTED) {
    SSL_key_update(ssl_.get(), kind);
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
  static SSL_CTX* context() {
    static const std::unique_ptr<SSL_CTX, deleter> made(SSL_CTX_new(TLS_client_method()));
    return made.get();
  }
  /// False: nothing follows now.
  bool note(int result) {
    if (result > 0) return true;
    const auto error = SSL_get_error(ssl_.get(), result);
    failed_ = failed_ || error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL;
    return false;
  }
  std::string outgoing() {
    ERR_clear_error();
    char* data = nullptr;
    const auto size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &data);
    std::string text(data, static_cast<std::size_t>(size));
    (void)BIO_reset(SSL_get_wbio(ssl_.get()));
    return text;
  }

  std::unique_ptr<SSL, deleter> ssl_;
  bool failed_ = false;
};

}  // namespace saker::testing
