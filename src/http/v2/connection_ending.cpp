// The end of a connection, and its limits in time.

#include <algorithm>
#include <utility>
#include <vector>

#include "http/v2/connection.hpp"
#include "observe/log.hpp"

namespace saker::http::v2 {
namespace {

constexpr std::chrono::seconds linger_limit{5};
constexpr std::chrono::seconds condemned_for{1};

void append_number(std::vector<std::byte>& bytes, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::byte>(number >> shift));
  }
}

}  // namespace

/// A fault of the connection: the client is told why, and that is the end.
void connection::fail(std::uint32_t code, std::string_view why) {
  if (!stream_) return;
  observe::log(observe::log_level::debug, "An HTTP/2 connection is ended: " + std::string(why));
  send_goaway(code, why);
  finish(code);
}

/// GOAWAY is sent, or queued.
void connection::finish(std::uint32_t code) {
  lose_streams(code == NGHTTP2_NO_ERROR ? std::errc::connection_reset
                                        : std::errc::connection_aborted);
  if (code == NGHTTP2_ENHANCE_YOUR_CALM) {
    condemn();
  } else {
    close();
  }
}

void connection::give_up() {
  if (!stream_) return;
  constexpr std::string_view why = "The client takes what it has asked for too slowly.";
  if (stream_->queued() == 0) {
    lose_streams(std::errc::timed_out);
    fail(NGHTTP2_INTERNAL_ERROR, why);
    return;
  }
  // It would not take GOAWAY either.
  observe::log(observe::log_level::debug, "An HTTP/2 connection is ended: " + std::string(why));
  lose(std::errc::timed_out);
}

/// An attacker has sent more than it was allowed, and may have much more on its way. Reading that
/// would be work, and it would be back at once. So it is left alone for a moment, unread.
void connection::condemn() {
  if (!stream_) return;
  phase_ = phase::condemned;
  stream_->pause_reading();
  clock_.set(condemned_for);
}

/// Without nghttp2, which may be beyond use.
void connection::send_goaway(std::uint32_t code, std::string_view why) {
  const auto last = nghttp2_session_get_last_proc_stream_id(session_.get());
  constexpr std::size_t fixed_size = 8;
  std::vector<std::byte> frame;
  append_number(frame, static_cast<std::uint32_t>((fixed_size + why.size()) << 8) | NGHTTP2_GOAWAY);
  frame.push_back(std::byte{0});
  append_number(frame, 0);
  append_number(frame, static_cast<std::uint32_t>(last));
  append_number(frame, code);
  const auto text = std::as_bytes(std::span(why));
  frame.insert(frame.end(), text.begin(), text.end());
  stream_->write(frame);
}

void connection::close() {
  if (!stream_) return;
  clock_.clear();
  io::close_in_order(std::move(stream_), linger_limit);
  lose_streams(std::errc::connection_reset);
  release_if_idle();
}

void connection::lose(std::errc error) {
  if (!stream_) return;
  clock_.clear();
  stream_->abort();
  loop_.state().retire(std::move(stream_));
  lose_streams(error);
  release_if_idle();
}

void connection::lose_streams(std::errc error) {
  // Each leaves the list with its end, and may take others with it.
  async::intrusive_list<stream> lost;
  while (!streams_.all.empty()) lost.push_back(streams_.all.pop_front());
  while (!lost.empty()) {
    auto& each = lost.pop_front();
    streams_.all.push_back(each);
    each.on_lost(error);
  }
}

void connection::release(stream& done) {
  done.async::list_node<stream>::unlink();
  --streams_.size;
  nghttp2_session_set_stream_user_data(session_.get(), done.id(), nullptr);
  loop_.state().retire(std::unique_ptr<async::disposable>(&done));
  release_if_idle();
}

void connection::release_if_idle() {
  if (stream_ || streams_.size > 0) return;
  clock_.clear();
  turn_task::unlink();
  loop_.state().drop(*this);
}

/// The first of two GOAWAYs (RFC 9113, section 6.8): no new streams, please. What is on its way is
/// still served, until the client has seen it.
void connection::on_stopping() {
  if (!is_fine()) return;
  // What the client has bought before counts no more.
  clock_.check_owing_soon();
  streams_.all.for_each([](stream& each) { each.on_stopping(); });
  if (phase_ == phase::open) {
    phase_ = phase::shutting_down;
    clock_.begin_shutdown();
    nghttp2_submit_shutdown_notice(session_.get());
    nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
  }
  clock_.set();
  flush_later();
}

void connection::send_final_goaway() {
  phase_ = phase::ending;
  guard_.note_ending();
  clock_.end_shutdown();
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  flush_later();
}

// Limits in time.

void connection::on_timer() {
  if (phase_ == phase::condemned) {
    close();
    return;
  }
  const auto time = clock_.now();
  if (clock_.are_headers_late(time)) {
    fail(NGHTTP2_INTERNAL_ERROR, "Reading the request headers timed out.");
    return;
  }
  if (is_owed_too_long(time)) {
    give_up();
    return;
  }
  if (clock_.is_shutdown_due(time)) {
    send_final_goaway();
  } else if (clock_.is_idle_over(time)) {
    if (phase_ == phase::ending) {
      close();
      return;
    }
    send_final_goaway();
  }
  if (check_peer(time)) clock_.set();
}

/// Sends a PING after some silence, and ends the connection after more. False: it has ended.
bool connection::check_peer(connection_clock::ticks time) {
  if (owed_.stops_reading()) clock_.excuse_silence(time);
  switch (clock_.check_silence(time)) {
    case connection_clock::silence::fine: return true;
    case connection_clock::silence::ping:
      nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
      flush_later();
      return true;
    case connection_clock::silence::late: break;
  }
  fail(NGHTTP2_INTERNAL_ERROR,
       "Timeout while waiting for incoming HTTP/2 frames after a keep alive ping.");
  return false;
}

bool connection::is_owed_too_long(connection_clock::ticks time) {
  return clock_.note_owing_checked(time) &&
         owed_.is_slow(stream_->sent(), options_.limits, loop_.state().is_stopping());
}

}  // namespace saker::http::v2
