#include "io/tls_channel.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "async/loop_state.hpp"

namespace saker::io {

void tls_channel::start(owned_ssl ssl) {
  auto* const made = BIO_new(method());
  if (!made) throw std::bad_alloc();
  BIO_set_data(made, this);
  BIO_set_init(made, 1);
  SSL_set_bio(ssl.get(), made, made);
  ssl_ = std::move(ssl);
}

void tls_channel::hold_reading() noexcept {
  held_ = true;
  below_->pause_reading();
  below_->notify_drained(most_below / 2);
}

std::size_t tls_channel::end_reading() noexcept { return std::exchange(arriving_, {}).size(); }

int tls_channel::read(BIO* bio, char* buffer, std::size_t size, std::size_t* done) {
  BIO_clear_retry_flags(bio);
  auto& self = *static_cast<tls_channel*>(BIO_get_data(bio));
  if (self.flooded_) return 0;
  *done = self.owes_answers() ? 0 : std::min(size, self.arriving_.size());
  if (*done == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(buffer, self.arriving_.data(), *done);
  self.arriving_ = self.arriving_.subspan(*done);
  return 1;
}

int tls_channel::write(BIO* bio, const char* data, std::size_t size, std::size_t* done) {
  auto& self = *static_cast<tls_channel*>(BIO_get_data(bio));
  *done = size;
  if (!self.below_) return 1;
  self.below_->write(std::as_bytes(std::span(data, size)));
  if (!self.sending_) self.answers_end_ = self.below_->sent() + self.below_->queued();
  return 1;
}

void tls_channel::count_message(const SSL* ssl, int where, int) noexcept {
  if ((where & SSL_CB_LOOP) == 0) return;
  auto& self = *static_cast<tls_channel*>(BIO_get_data(SSL_get_rbio(ssl)));
  if (!self.below_) return;
  constexpr std::uint64_t ticks_per_second = 10;
  const auto now = self.below_->loop().state().deadlines().coarse_now();
  if (!self.steps_.take(now / ticks_per_second)) self.flooded_ = true;
}

long tls_channel::control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* tls_channel::method() {
  static BIO_METHOD* const made = [] {
    auto* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "saker");
    BIO_meth_set_read_ex(method, read);
    BIO_meth_set_write_ex(method, write);
    BIO_meth_set_ctrl(method, control);
    return method;
  }();
  return made;
}

}  // namespace saker::io
