#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace saker::testing {

/// What a client asks of TLS. The server's certificate is not checked, but can be looked at.
struct tls_client_options {
  std::string protocol = "http/1.1";  ///< For ALPN; empty: none is offered.
  std::string server_name = {};       ///< For SNI; empty: none.
  std::string certificate_pem = {};   ///< The client's own; empty: none.
  std::string key_pem = {};
  int greatest_version = 0;  ///< 0: whatever both know.
  std::shared_ptr<SSL_SESSION> resumed = {};
  std::string preamble = {};  ///< Sent in front of TLS.
};

/// The client's side of TLS on a non-blocking descriptor.
class tls_session {
 public:
  tls_session(int descriptor, const tls_client_options& options);

  enum class result { done, wants_read, wants_write, ended, failed };
  result shake_hands();
  result send(std::string_view bytes, std::size_t& sent);
  result receive(char* buffer, std::size_t size, std::size_t& received);
  void send_end();

  std::string protocol() const;
  /// The subject of the server's certificate, for example "CN=localhost".
  std::string server_subject() const;
  bool was_resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  /// After a ticket has come: what a later connection resumes.
  std::shared_ptr<SSL_SESSION> session() const { return session_; }
  const std::string& failure() const { return failure_; }

 private:
  struct deleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  result result_of(int returned);
  static int on_new_session(SSL* ssl, SSL_SESSION* session);

  std::mutex mutex_;  ///< One thread may send while another reads.
  std::unique_ptr<SSL_CTX, deleter> context_;
  std::unique_ptr<SSL, deleter> ssl_;
  std::shared_ptr<SSL_SESSION> session_;
  std::string failure_;
};

}  // namespace saker::testing
