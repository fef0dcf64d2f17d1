// The end of a connection, and its limits in time.

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "http/v2/connection.hpp"
#include "observe/log.hpp"

namespace saker::http::v2 {
namespace {

constexpr std::chrono::seconds linger_limit{5};
constexpr std::chrono::seconds condemned_for{1};
constexpr std::chrono::seconds shutdown_step{1};
constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t ticks_per_second = std::chrono::seconds(1) / async::deadline_wheel::tick;

std::uint64_t after(std::uint64_t since, std::chrono::milliseconds time) {
  if (time == std::chrono::milliseconds::max()) return never;
  const auto ticks = (time + async::deadline_wheel::tick - std::chrono::milliseconds(1)) /
                     async::deadline_wheel::tick;
  return since + static_cast<std::uint64_t>(ticks);
}

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
  condemned_ = true;
  stream_->pause_reading();
  timer_.set(loop_.state().deadlines(), condemned_for);
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
  timer_.clear();
  io::close_in_order(std::move(stream_), linger_limit);
  lose_streams(std::errc::connection_reset);
  release_if_idle();
}

void connection::lose(std::errc error) {
  if (!stream_) return;
  timer_.clear();
  stream_->abort();
  loop_.state().retire(std::move(stream_));
  lose_streams(error);
  release_if_idle();
}

void connection::lose_streams(std::errc error) {
  // Each leaves the list with its end, and may take others with it.
  async::intrusive_list<stream> lost;
  while (!streams_.empty()) lost.push_back(streams_.pop_front());
  while (!lost.empty()) {
    auto& each = lost.pop_front();
    streams_.push_back(each);
    each.on_lost(error);
  }
}

void connection::release(stream& done) {
  done.async::list_node<stream>::unlink();
  --tracked_streams_;
  nghttp2_session_set_stream_user_data(session_.get(), done.id(), nullptr);
  loop_.state().retire(std::unique_ptr<async::disposable>(&done));
  release_if_idle();
}

void connection::release_if_idle() {
  if (stream_ || tracked_streams_ > 0) return;
  timer_.clear();
  turn_task::unlink();
  loop_.state().drop(*this);
}

/// The first of two GOAWAYs (RFC 9113, section 6.8): no new streams, please. What is on its way is
/// still served, until the client has seen it.
void connection::on_stopping() {
  if (!stream_ || condemned_) return;
  // What the client has bought before counts no more.
  owed_checked_ = 0;
  streams_.for_each([](stream& each) { each.on_stopping(); });
  if (!ending_) {
    shutting_down_ = true;
    shutdown_since_ = now();
    nghttp2_submit_shutdown_notice(session_.get());
    nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
  }
  set_timer();
  flush_later();
}

void connection::send_final_goaway() {
  ending_ = true;
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  flush_later();
}

// Limits in time.

/// When something may be due, at the earliest.
std::uint64_t connection::next_due() const noexcept {
  const auto& limits = options_.limits;
  auto due = never;
  const auto consider = [&](std::uint64_t time) { due = std::min(due, time); };
  if (headers_since_ != 0) consider(after(headers_since_, limits.request_headers_timeout));
  if (shutting_down_ && !ending_) consider(after(shutdown_since_, shutdown_step));
  if (open_streams_ == 0) consider(after(idle_since_, limits.keep_alive_timeout));
  if (reading_paused_) consider(owed_checked_ + ticks_per_second);
  if (ping_outstanding_) {
    consider(after(ping_since_, limits.http2.keep_alive_ping_timeout));
  } else {
    consider(after(last_frame_, limits.http2.keep_alive_ping_delay));
  }
  return due;
}

void connection::set_timer() {
  const auto due = next_due();
  if (due == never || (timer_.is_set() && timer_due_ <= due)) return;
  timer_due_ = due;
  const auto time = now();
  const auto ticks = due > time ? due - time : 0;
  timer_.set(loop_.state().deadlines(),
             async::deadline_wheel::tick * static_cast<std::chrono::milliseconds::rep>(ticks));
}

void connection::on_timer() {
  if (condemned_) {
    close();
    return;
  }
  const auto time = now();
  const auto& limits = options_.limits;
  if (headers_since_ != 0 && after(headers_since_, limits.request_headers_timeout) <= time) {
    fail(NGHTTP2_INTERNAL_ERROR, "Reading the request headers timed out.");
    return;
  }
  if (reading_paused_ && is_owed_too_long(time)) {
    give_up();
    return;
  }
  if (shutting_down_ && !ending_ && after(shutdown_since_, shutdown_step) <= time) {
    send_final_goaway();
  } else if (open_streams_ == 0 && after(idle_since_, limits.keep_alive_timeout) <= time) {
    if (ending_) {
      close();
      return;
    }
    send_final_goaway();
  }
  if (check_peer(time)) set_timer();
}

/// Sends a PING after some silence (RFC 9113, section 6.7), and ends the connection after more.
/// False: it has ended.
bool connection::check_peer(std::uint64_t time) {
  const auto& limits = options_.limits.http2;
  // What the client sends is not seen while nothing is read.
  if (reading_paused_) last_frame_ = ping_since_ = time;
  if (ping_outstanding_) {
    if (last_frame_ > ping_since_) {
      ping_outstanding_ = false;
    } else if (after(ping_since_, limits.keep_alive_ping_timeout) <= time) {
      fail(NGHTTP2_INTERNAL_ERROR,
           "Timeout while waiting for incoming HTTP/2 frames after a keep alive ping.");
      return false;
    }
  } else if (after(last_frame_, limits.keep_alive_ping_delay) <= time) {
    ping_outstanding_ = true;
    ping_since_ = time;
    nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
    flush_later();
  }
  return true;
}

bool connection::is_owed_too_long(std::uint64_t time) {
  owed_checked_ = time;
  const auto& limits = options_.limits;
  // Of a client that has ended its side not even "no limit" can expect more.
  constexpr std::uint32_t rate_after_end = 240;
  const auto rate = std::max(limits.min_response_data_rate, peer_ended_ ? rate_after_end : 0);
  return owed_.is_slow(stream_->sent(), rate, limits, loop_.state().is_stopping());
}

}  // namespace saker::http::v2
