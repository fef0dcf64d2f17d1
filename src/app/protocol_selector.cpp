#include "app/protocol_selector.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "http/v1/connection.hpp"
#include "http/v2/connection.hpp"
#include "io/channel_security.hpp"
#include "observe/log.hpp"

namespace saker::app {
namespace {

constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The first bytes of a TLS record that carries a handshake.
constexpr std::string_view tls_handshake = "\x16\x03";

bool begin_alike(std::string_view left, std::string_view right) {
  const auto size = std::min(left.size(), right.size());
  return left.substr(0, size) == right.substr(0, size);
}

}  // namespace

protocol_selector::protocol_selector(std::unique_ptr<io::byte_stream> stream,
                                     const http::connection_options& options)
    : loop_(stream->loop()),
      stream_(std::move(stream)),
      options_(options),
      timer_([](void* self) { static_cast<protocol_selector*>(self)->end(); }, this) {
  stream_->set_handler(this);
  loop_.state().stoppables().push_back(*this);
  timer_.set(loop_.state().deadlines(), options_.limits.keep_alive_timeout);
}

void protocol_selector::start(std::unique_ptr<io::byte_stream> stream,
                              const http::connection_options& options) {
  auto& state = stream->loop().state();
  state.keep(std::make_unique<protocol_selector>(std::move(stream), options));
}

protocol_selector::choice protocol_selector::choose(std::span<const std::byte> data) const {
  if (const auto security = stream_->security()) {
    return security->application_protocol == "h2" ? choice::http2 : choice::http1;
  }
  const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
  if (begin_alike(text, http2_preface)) {
    return text.size() < http2_preface.size() ? choice::undecided : choice::http2;
  }
  if (begin_alike(text, tls_handshake)) {
    return text.size() < tls_handshake.size() ? choice::undecided : choice::tls;
  }
  return choice::http1;
}

std::size_t protocol_selector::on_read(std::span<std::byte> data) {
  switch (choose(data)) {
    case choice::undecided:
      if (!std::exchange(has_begun_, true)) {
        timer_.set(loop_.state().deadlines(), options_.limits.request_headers_timeout);
      }
      return 0;
    case choice::tls:
      observe::log(observe::log_level::debug,
                   "Detected a TLS handshake to an endpoint that does not have TLS enabled: " +
                       stream_->remote_endpoint());
      end();
      return data.size();
    case choice::http1: http::v1::connection::start(std::move(stream_), options_); break;
    case choice::http2: http::v2::connection::start(std::move(stream_), options_); break;
  }
  loop_.state().drop(*this);
  return 0;
}

void protocol_selector::end() {
  if (stream_) io::close_in_order(std::move(stream_));
  timer_.clear();
  stoppable::unlink();
  loop_.state().drop(*this);
}

}  // namespace saker::app
