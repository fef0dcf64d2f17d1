#include "tls_layer.hpp"

#include <openssl/err.h>

#include <vector>

#include "load_error.hpp"

namespace saker_load {

namespace {

SSL_CTX* shared_context() {
  static SSL_CTX* const made = [] {
    auto* const context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    return context;
  }();
  return made;
}

[[noreturn]] void fail(const char* what) {
  char text[256];
  ERR_error_string_n(ERR_peek_last_error(), text, sizeof text);
  throw load_error(std::string(what) + ": " + text);
}

}  // namespace

tls_layer::tls_layer(std::string_view protocol) : ssl_(SSL_new(shared_context())) {
  const auto offer = static_cast<char>(protocol.size()) + std::string(protocol);
  SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(offer.data()),
                      static_cast<unsigned>(offer.size()));
  SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl_.get());
}

bool tls_layer::shake_hands(std::string_view arrived) {
  BIO_write(SSL_get_rbio(ssl_.get()), arrived.data(), static_cast<int>(arrived.size()));
  const auto result = SSL_do_handshake(ssl_.get());
  collect();
  if (result == 1) return true;
  if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) fail("TLS handshake");
  return false;
}

bool tls_layer::has_agreed(std::string_view protocol) const {
  const unsigned char* agreed = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &agreed, &size);
  return std::string_view(reinterpret_cast<const char*>(agreed), size) == protocol;
}

void tls_layer::encrypt(std::string_view data) {
  if (SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) <= 0) fail("TLS write");
  collect();
}

void tls_layer::collect() {
  auto* const written = SSL_get_wbio(ssl_.get());
  char* data = nullptr;
  const auto size = BIO_get_mem_data(written, &data);
  outgoing_.append(data, static_cast<std::size_t>(size));
  BIO_reset(written);
}

std::string_view tls_layer::decrypt(std::string_view arrived) {
  static std::vector<char> buffer(512 * 1024);
  BIO_write(SSL_get_rbio(ssl_.get()), arrived.data(), static_cast<int>(arrived.size()));
  std::size_t total = 0;
  while (total < buffer.size()) {
    std::size_t count = 0;
    const auto result =
        SSL_read_ex(ssl_.get(), buffer.data() + total, buffer.size() - total, &count);
    if (result != 1) {
      const auto error = SSL_get_error(ssl_.get(), result);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_ZERO_RETURN) fail("TLS read");
      break;
    }
    total += count;
  }
  return {buffer.data(), total};
}

}  // namespace saker_load
