#include "wire.hpp"

#include <string>

#include "load_error.hpp"

namespace saker_load {

wire::wire(const arguments& options) : socket_(connect_to(options.url)) {
  if (!options.tls) return;
  const std::string_view protocol = options.http2 ? "h2" : "http/1.1";
  tls_ = std::make_unique<tls_layer>(protocol);
  bool done = tls_->shake_hands({});
  while (!done) {
    saker_load::send_all(get(), tls_->outgoing());
    tls_->outgoing().clear();
    const auto answer = saker_load::receive_some(get());
    if (answer.empty()) throw load_error("the server closed a connection during TLS's handshake");
    done = tls_->shake_hands(answer);
  }
  saker_load::send_all(get(), tls_->outgoing());
  tls_->outgoing().clear();
  if (options.http2 && !tls_->has_agreed(protocol)) throw load_error("the server refuses h2");
}

void wire::send_all(std::string_view data) {
  if (!tls_) return saker_load::send_all(get(), data);
  tls_->encrypt(data);
  saker_load::send_all(get(), tls_->outgoing());
  tls_->outgoing().clear();
}

std::string_view wire::receive_some() {
  for (;;) {
    const auto arrived = saker_load::receive_some(get());
    if (!tls_ || arrived.empty()) return arrived;
    if (const auto data = tls_->decrypt(arrived); !data.empty()) return data;
  }
}

std::size_t wire::send_now(std::string_view data) {
  if (!tls_) return saker_load::send_now(get(), data);
  flush();
  if (is_blocked()) return 0;
  tls_->encrypt(data);
  flush();
  return data.size();
}

received wire::receive_now() {
  const auto arrived = saker_load::receive_now(get());
  if (!tls_ || arrived.data.empty()) return arrived;
  const auto data = tls_->decrypt(arrived.data);
  return {.data = data, .would_block = data.empty()};
}

void wire::flush() {
  if (!is_blocked()) return;
  tls_->outgoing().erase(0, saker_load::send_now(get(), tls_->outgoing()));
}

}  // namespace saker_load
