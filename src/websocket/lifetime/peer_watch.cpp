#include "websocket/lifetime/peer_watch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "websocket/lifetime/connection.hpp"

namespace saker::websockets {
namespace {

using async::deadline_wheel;

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

peer_watch::peer_watch(connection& socket) noexcept
    : socket_(socket),
      timer_([](void* self) { static_cast<peer_watch*>(self)->on_timer(); }, this) {}

std::uint32_t peer_watch::now() const noexcept {
  return static_cast<std::uint32_t>(socket_.loop().state().deadlines().turning_now());
}

std::uint32_t peer_watch::wheel_now() const noexcept {
  return static_cast<std::uint32_t>(socket_.loop().state().deadlines().coarse_now());
}

void peer_watch::begin() {
  last_received_ = last_keep_alive_ = now();
  last_pong_ = wheel_now();
  set_timer();
}

void peer_watch::on_timer() {
  const auto time = now();
  if (has_blocked_too_long(time)) {
    ++socket_.counts().send_timeouts;
    socket_.lifetime().lose({websocket_errc::connection_closed_prematurely,
                             "The WebSocket's peer took no data within the configured "
                             "send_timeout.",
                             true});
  } else if (awaited_ == awaited::end) {
    if (closing_is_over(time)) end_unanswered();
  } else if (listens()) {
    check_peer(time);
  }
  if (socket_.stream()) set_timer();
}

/// Once the peer has said its last word there is no silence to be noticed.
bool peer_watch::listens() const noexcept {
  const auto& reader = socket_.reader();
  return !socket_.closing().has_peer_close() && !reader.has_end() && !reader.end_has_arrived();
}

/// Keep-alive and idle timeout.
void peer_watch::check_peer(std::uint32_t time) {
  const auto& options = socket_.options();
  // What the peer sends cannot be seen while the application makes it wait.
  if (socket_.reader().room() == 0) last_received_ = last_keep_alive_ = time;
  if (time >= later(last_received_, ticks_of(options.idle_timeout))) {
    ++socket_.counts().idle_timeouts;
    socket_.reader().end({websocket_errc::faulted, websocket_close_status::endpoint_unavailable,
                          "The WebSocket received nothing within the configured idle_timeout."});
    return;
  }
  if (socket_.closing().has_sent_close()) {
    // There are no Pings any more: a peer that neither answers nor sends anything has gone.
    if (time >= silent_until()) end_unanswered();
    return;
  }
  if (sends_pongs()) {
    send_pong();
  } else if (awaited_ == awaited::pong) {
    check_pong(time);
  } else if (time >= later(last_received_, ticks_of(options.keep_alive_interval))) {
    send_ping(time);
  }
}

/// Without a timeout there is nothing to be awaited.
bool peer_watch::sends_pongs() const noexcept {
  return ticks_of(socket_.options().keep_alive_timeout) == never;
}

void peer_watch::send_pong() {
  const auto time = wheel_now();
  if (time < later(last_pong_, ticks_of(socket_.options().keep_alive_interval))) return;
  last_pong_ = time;
  if (!socket_.writer().is_congested()) socket_.writer().write_control(opcode::pong, {});
}

void peer_watch::send_ping(std::uint32_t time) {
  awaited_ = awaited::pong;
  last_keep_alive_ = time;
  mark_progress(time);
  ++socket_.counts().pings_sent;
  socket_.writer().write_control(opcode::ping, ping_payload(++ping_counter_));
}

void peer_watch::check_pong(std::uint32_t time) {
  note_progress(time);
  const auto timeout = ticks_of(socket_.options().keep_alive_timeout);
  if (time < later(std::max(last_keep_alive_, last_progress_), timeout)) return;
  ++socket_.counts().keep_alive_timeouts;
  socket_.lifetime().lose(
      {websocket_errc::faulted,
       "The WebSocket received no Pong in answer to a Ping within the configured "
       "keep_alive_timeout."});
}

void peer_watch::take_pong(std::span<const std::byte> payload) noexcept {
  if (awaited_ != awaited::pong) return;
  const auto expected = ping_payload(ping_counter_);
  if (std::equal(payload.begin(), payload.end(), expected.begin(), expected.end())) {
    awaited_ = awaited::anything;
  }
}

void peer_watch::note_close_sent() {
  last_keep_alive_ = now();
  if (!socket_.closing().has_peer_close()) set_timer();
}

/// Our Close may still be on its way: the end comes behind it.
void peer_watch::end_unanswered() {
  ++socket_.counts().close_timeouts;
  socket_.lifetime().lose({websocket_errc::connection_closed_prematurely, nullptr},
                          connection_lifetime::ending::in_order);
}

std::uint32_t peer_watch::silent_until() const noexcept {
  return later(std::max(last_received_, last_keep_alive_),
               ticks_of(socket_.options().close_timeout));
}

/// A peer that is slow to take what waits for it is not gone: its Pong waits behind that.
void peer_watch::note_progress(std::uint32_t time) {
  if (socket_.stream()->queued() != 0 && sent() != sent_before_) mark_progress(time);
}

void peer_watch::mark_progress(std::uint32_t time) {
  last_progress_ = time;
  sent_before_ = sent();
}

std::uint32_t peer_watch::sent() const noexcept {
  return static_cast<std::uint32_t>(socket_.stream()->sent());
}

void peer_watch::limit_sending() {
  mark_progress(now());
  set_timer();
}

bool peer_watch::has_blocked_too_long(std::uint32_t time) {
  if (!socket_.writer().is_blocked()) return false;
  note_progress(time);
  return time >= later(last_progress_, ticks_of(socket_.options().send_timeout));
}

void peer_watch::limit_closing() {
  awaited_ = awaited::end;
  last_keep_alive_ = now();
  set_timer();
}

std::uint32_t peer_watch::closing_ticks() const noexcept {
  constexpr std::chrono::milliseconds most_while_stopping{1000};
  const auto limit = socket_.options().close_timeout;
  return ticks_of(socket_.lifetime().is_stopping() ? std::min(limit, most_while_stopping) : limit);
}

bool peer_watch::closing_is_over(std::uint32_t time) {
  // A Close behind messages that the handler has not taken yet cannot be seen.
  const auto& lifetime = socket_.lifetime();
  if (lifetime.is_stopping() && !lifetime.handler_is_done() && socket_.reader().room() == 0) {
    last_keep_alive_ = time;
  }
  return time >= later(last_keep_alive_, closing_ticks());
}

void peer_watch::set_timer() {
  const auto time = now();
  const auto due = next_check(time);
  if (due == never) {
    timer_.clear();
    return;
  }
  timer_.set(socket_.loop().state().deadlines(),
             (due > time ? due - time : 0) * deadline_wheel::tick);
}

/// When the earliest of the limits may be over; what moves them on in between only shows then.
std::uint32_t peer_watch::next_check(std::uint32_t time) const noexcept {
  const auto& options = socket_.options();
  auto due = never;
  if (socket_.writer().is_blocked() && ticks_of(options.send_timeout) != never) {
    due = time + part_of_limit(ticks_of(options.send_timeout));
  }
  if (awaited_ == awaited::end) return std::min(due, later(last_keep_alive_, closing_ticks()));
  if (!listens()) return due;
  due = std::min(due, later(last_received_, ticks_of(options.idle_timeout)));
  if (socket_.closing().has_sent_close()) return std::min(due, silent_until());
  const auto interval = ticks_of(options.keep_alive_interval);
  const auto timeout = ticks_of(options.keep_alive_timeout);
  if (interval == never) return due;
  if (sends_pongs()) {
    const auto passed = wheel_now() - last_pong_;
    return std::min(due, time + interval - std::min(passed, interval));
  }
  if (awaited_ != awaited::pong) return std::min(due, later(last_received_, interval));
  if (socket_.stream()->queued() != 0) return std::min(due, time + part_of_limit(timeout));
  return std::min(due, later(std::max(last_keep_alive_, last_progress_), timeout));
}

}  // namespace saker::websockets
