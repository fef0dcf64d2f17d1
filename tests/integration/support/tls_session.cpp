#include "support/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdexcept>

namespace saker::testing {
namespace {

struct bio_deleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

std::unique_ptr<BIO, bio_deleter> memory_of(const std::string& text) {
  return std::unique_ptr<BIO, bio_deleter>(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void use_certificate(SSL_CTX* context, const tls_client_options& options) {
  if (options.certificate_pem.empty()) return;
  auto* const certificate =
      PEM_read_bio_X509(memory_of(options.certificate_pem).get(), nullptr, nullptr, nullptr);
  auto* const key =
      PEM_read_bio_PrivateKey(memory_of(options.key_pem).get(), nullptr, nullptr, nullptr);
  const bool used = SSL_CTX_use_certificate(context, certificate) == 1 &&
                    SSL_CTX_use_PrivateKey(context, key) == 1;
  X509_free(certificate);
  EVP_PKEY_free(key);
  if (!used) throw std::runtime_error("tls_session: the client's certificate cannot be used");
}

}  // namespace

tls_session::tls_session(int descriptor, const tls_client_options& options)
    : context_(SSL_CTX_new(TLS_client_method())) {
  use_certificate(context_.get(), options);
  SSL_CTX_set_session_cache_mode(context_.get(),
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context_.get(), on_new_session);
  if (options.greatest_version != 0) {
    SSL_CTX_set_max_proto_version(context_.get(), options.greatest_version);
  }
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_app_data(ssl_.get(), this);
  if (!options.protocol.empty()) {
    const auto offer = static_cast<char>(options.protocol.size()) + options.protocol;
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(offer.data()),
                        static_cast<unsigned>(offer.size()));
  }
  if (!options.server_name.empty()) {
    SSL_set_tlsext_host_name(ssl_.get(), options.server_name.c_str());
  }
  if (options.resumed) SSL_set_session(ssl_.get(), options.resumed.get());
  SSL_set_fd(ssl_.get(), descriptor);
  SSL_set_connect_state(ssl_.get());
}

int tls_session::on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto& self = *static_cast<tls_session*>(SSL_get_app_data(ssl));
  self.session_ = {session, [](SSL_SESSION* old) { SSL_SESSION_free(old); }};
  return 1;  // It is ours now.
}

tls_session::result tls_session::result_of(int returned) {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_NONE: return result::done;
    case SSL_ERROR_WANT_READ: return result::wants_read;
    case SSL_ERROR_WANT_WRITE: return result::wants_write;
    case SSL_ERROR_ZERO_RETURN: return result::ended;
    default: break;
  }
  char text[256] = "the connection was lost";
  if (const auto error = ERR_get_error(); error != 0) ERR_error_string_n(error, text, sizeof text);
  failure_ = text;
  ERR_clear_error();
  return result::failed;
}

tls_session::result tls_session::shake_hands() {
  const std::scoped_lock lock(mutex_);
  ERR_clear_error();
  return result_of(SSL_do_handshake(ssl_.get()));
}

tls_session::result tls_session::send(std::string_view bytes, std::size_t& sent) {
  const std::scoped_lock lock(mutex_);
  ERR_clear_error();
  return result_of(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent));
}

tls_session::result tls_session::receive(char* buffer, std::size_t size, std::size_t& received) {
  const std::scoped_lock lock(mutex_);
  ERR_clear_error();
  return result_of(SSL_read_ex(ssl_.get(), buffer, size, &received));
}

void tls_session::send_end() {
  const std::scoped_lock lock(mutex_);
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::string tls_session::protocol() const {
  const unsigned char* agreed = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &agreed, &size);
  return {reinterpret_cast<const char*>(agreed), size};
}

std::string tls_session::server_subject() const {
  const auto* const certificate = SSL_get0_peer_certificate(ssl_.get());
  char text[256] = "/";
  if (certificate) X509_NAME_oneline(X509_get_subject_name(certificate), text, sizeof text);
  return text + 1;
}

}  // namespace saker::testing
