#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "async/deadline.hpp"
#include "io/channel_security.hpp"
#include "io/tls_server.hpp"

namespace saker::io {

/// What a TLS connection needs until its handshake is over.
class tls_handshake {
 public:
  /// The callback comes when it takes too long.
  tls_handshake(async::deadline::callback late, void* owner, tls_server& server,
                std::string_view plain_text_answer)
      : timer_(late, owner), server_(server), plain_text_answer_(plain_text_answer) {}

  void limit(async::deadline_wheel& wheel) {
    timer_.set(wheel, server_.options().handshake_timeout);
  }
  /// For a client that does not speak TLS.
  std::span<const std::byte> plain_text_answer() const noexcept {
    return std::as_bytes(std::span(plain_text_answer_));
  }
  /// With the certificates of now, which stay until the handshake is over.
  owned_ssl make_ssl();

 private:
  async::deadline timer_;
  tls_server& server_;
  std::shared_ptr<const tls_certificates> certificates_;
  std::string_view plain_text_answer_;
};

/// Whether what a client has sent first is the beginning of a handshake.
bool begins_handshake(std::span<const std::byte> data) noexcept;

/// What came of a handshake.
std::shared_ptr<const channel_security> describe_security(SSL& ssl);

}  // namespace saker::io
