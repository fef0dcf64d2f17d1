#include "io/tls_handshake.hpp"

#include "io/x509.hpp"

namespace saker::io {

owned_ssl tls_handshake::make_ssl() {
  certificates_ = server_.certificates();
  auto made = certificates_->make_ssl();
  SSL_set_accept_state(made.get());
  return made;
}

bool begins_handshake(std::span<const std::byte> data) noexcept {
  constexpr std::byte handshake_record{22};
  return data.front() == handshake_record;
}

std::shared_ptr<const channel_security> describe_security(SSL& ssl) {
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(&ssl, &protocol, &size);
  const char* const name = SSL_get_servername(&ssl, TLSEXT_NAMETYPE_host_name);
  auto agreed = std::make_shared<channel_security>();
  agreed->version = SSL_get_version(&ssl);
  agreed->cipher = SSL_get_cipher_name(&ssl);
  agreed->application_protocol.assign(reinterpret_cast<const char*>(protocol), size);
  if (name) agreed->server_name = name;
  agreed->resumed = SSL_session_reused(&ssl) == 1;
  if (const auto* const peer = SSL_get0_peer_certificate(&ssl)) {
    agreed->client_certificate = describe(*peer);
  }
  return agreed;
}

}  // namespace saker::io
