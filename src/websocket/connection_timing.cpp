#include <algorithm>
#include <limits>
#include <utility>

#include "websocket/connection.hpp"

namespace saker::websockets {
namespace {

using core::deadline_wheel;

constexpr std::uint32_t never = std::numeric_limits<std::uint32_t>::max();

/// At least one tick; 0 is "off".
std::uint32_t ticks_of(std::chrono::milliseconds time) noexcept {
  if (time <= std::chrono::milliseconds(0)) return never;
  const auto ticks = (time - std::chrono::milliseconds(1)) / deadline_wheel::tick + 1;
  return static_cast<std::uint32_t>(std::min<std::int64_t>(ticks, never / 4));
}

std::uint32_t later(std::uint32_t since, std::uint32_t by) noexcept {
  return by == never ? never : since + by;
}

/// How often something is looked at that may move on without an event.
std::uint32_t part_of_limit(std::uint32_t limit) noexcept { return std::max(limit / 4, 1U); }

std::array<std::byte, 8> ping_payload(std::uint32_t counter) noexcept {
  std::array<std::byte, 8> payload{};
  for (std::size_t i = 0; i < 4; ++i)
    payload[4 + i] = static_cast<std::byte>(counter >> (24 - 8 * i));
  return payload;
}

}  // namespace

std::uint32_t connection::now() const noexcept {
  return static_cast<std::uint32_t>(loop_.state().deadlines().coarse_now());
}

void connection::start_timer() {
  last_received_ = last_keep_alive_ = now();
  set_timer();
}

void connection::on_timer() {
  const auto time = now();
  if (blocked_too_long(time)) {
    ++counters_.send_timeouts;
    lose(websocket_errc::connection_closed_prematurely, nothing_taken);
  } else if (closing_) {
    if (closing_is_over(time)) {
      end_unanswered();
    }
  } else if (listens_to_peer()) {
    check_peer(time);
  }
  if (stream_) set_timer();
}

/// Once it has said its last word there is no silence to be noticed.
bool connection::listens_to_peer() const noexcept {
  return !peer_close_ && !input_end_ && !end_arrived_;
}

/// Keep-alive and idle timeout.
void connection::check_peer(std::uint32_t time) {
  const auto& options = *settings_.options;
  // What the peer sends cannot be seen while the application makes it wait.
  if (room() == 0) last_received_ = last_keep_alive_ = time;
  if (time >= later(last_received_, ticks_of(options.idle_timeout))) {
    ++counters_.idle_timeouts;
    end_input({websocket_errc::faulted, websocket_close_status::endpoint_unavailable,
               "The WebSocket received nothing within the configured idle_timeout."});
    return;
  }
  if (close_sent_) {
    limit_silence(time);
    return;
  }
  const auto interval = ticks_of(options.keep_alive_interval);
  const auto timeout = ticks_of(options.keep_alive_timeout);
  if (interval == never) return;
  if (timeout == never) {
    if (time < later(last_keep_alive_, interval)) return;
    if (!congested()) write_control(opcode::pong, {});
    last_keep_alive_ = time;
  } else if (ping_outstanding_) {
    note_progress(time);
    if (time >= later(std::max(last_keep_alive_, last_progress_), timeout)) {
      ++counters_.keep_alive_timeouts;
      lose(websocket_errc::faulted,
           "The WebSocket didn't receive a Pong frame in response to a Ping frame within the "
           "configured KeepAliveTimeout.");
    }
  } else if (time >= later(last_received_, interval)) {
    ping_outstanding_ = true;
    last_keep_alive_ = time;
    mark_progress(time);
    ++counters_.pings_sent;
    write_control(opcode::ping, ping_payload(++ping_counter_));
  }
}

/// After our Close there are no Pings: a peer that neither answers it nor sends anything has gone.
void connection::limit_silence(std::uint32_t time) {
  if (time >= silent_until(ticks_of(settings_.options->close_timeout))) end_unanswered();
}

/// Our Close may still be on its way: the end comes behind it.
void connection::end_unanswered() {
  ++counters_.close_timeouts;
  lose(websocket_errc::connection_closed_prematurely, nullptr, true);
}

std::uint32_t connection::silent_until(std::uint32_t limit) const noexcept {
  return later(std::max(last_received_, last_keep_alive_), limit);
}

void connection::take_pong(std::span<const std::byte> payload) noexcept {
  const auto expected = ping_payload(ping_counter_);
  if (std::equal(payload.begin(), payload.end(), expected.begin(), expected.end())) {
    ping_outstanding_ = false;
  }
}

/// A peer that is slow to take what waits for it is not gone: its Pong waits behind that.
void connection::note_progress(std::uint32_t time) {
  if (stream_->queued() != 0 && stream_->sent() != sent_before_) mark_progress(time);
}

void connection::mark_progress(std::uint32_t time) {
  last_progress_ = time;
  sent_before_ = stream_->sent();
}

/// A send begins to wait.
void connection::limit_sending() {
  mark_progress(now());
  set_timer();
}

bool connection::blocked_too_long(std::uint32_t time) {
  if (sends_.empty()) return false;
  note_progress(time);
  return time >= later(last_progress_, ticks_of(settings_.options->send_timeout));
}

void connection::limit_closing() {
  closing_ = true;
  last_keep_alive_ = now();
  set_timer();
}

std::uint32_t connection::closing_ticks() const noexcept {
  constexpr std::chrono::milliseconds most_while_stopping{1000};
  const auto limit = settings_.options->close_timeout;
  return ticks_of(stopping_ ? std::min(limit, most_while_stopping) : limit);
}

bool connection::closing_is_over(std::uint32_t time) {
  // A Close behind messages that the handler has not taken yet cannot be seen.
  if (stopping_ && !handler_done_ && room() == 0) last_keep_alive_ = time;
  return time >= later(last_keep_alive_, closing_ticks());
}

void connection::set_timer() {
  const auto time = now();
  const auto due = next_check(time);
  if (due == never) {
    timer_.clear();
    return;
  }
  timer_.set(loop_.state().deadlines(), (due > time ? due - time : 0) * deadline_wheel::tick);
}

/// When the earliest of the limits may be over; what moves them on in between only shows then.
std::uint32_t connection::next_check(std::uint32_t time) const noexcept {
  const auto& options = *settings_.options;
  auto due = never;
  if (!sends_.empty() && ticks_of(options.send_timeout) != never) {
    due = time + part_of_limit(ticks_of(options.send_timeout));
  }
  if (closing_) return std::min(due, later(last_keep_alive_, closing_ticks()));
  if (!listens_to_peer()) return due;
  due = std::min(due, later(last_received_, ticks_of(options.idle_timeout)));
  const auto interval = ticks_of(options.keep_alive_interval);
  const auto timeout = ticks_of(options.keep_alive_timeout);
  if (close_sent_) return std::min(due, silent_until(ticks_of(options.close_timeout)));
  if (interval == never) return due;
  if (timeout == never) return std::min(due, later(last_keep_alive_, interval));
  if (!ping_outstanding_) return std::min(due, later(last_received_, interval));
  if (stream_->queued() != 0) return std::min(due, time + part_of_limit(timeout));
  return std::min(due, later(std::max(last_keep_alive_, last_progress_), timeout));
}

}  // namespace saker::websockets
