#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace saker_load {

/// The client's side of TLS, without I/O: what it encrypts and what it is to decrypt are bytes. The
/// server's certificate is not checked.
class tls_layer {
 public:
  /// `protocol` is what it offers by ALPN.
  explicit tls_layer(std::string_view protocol);

  /// Goes on with what the server has sent; true when the handshake is over.
  bool shake_hands(std::string_view arrived);
  /// Whether the server has agreed to the protocol.
  bool has_agreed(std::string_view protocol) const;

  void encrypt(std::string_view data);
  /// What was encrypted and is to be sent; the caller takes it off.
  std::string& outgoing() { return outgoing_; }
  /// Plain text, in a buffer that all share, until the next call.
  std::string_view decrypt(std::string_view arrived);

 private:
  struct deleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  void collect();

  std::unique_ptr<SSL, deleter> ssl_;
  std::string outgoing_;
};

}  // namespace saker_load
