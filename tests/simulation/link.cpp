#include "link.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "world.hpp"

namespace saker::simulation {
namespace {

constexpr nanoseconds long_stall = 900 * millisecond;

}  // namespace

link::link(schedule& times, random choices, const manners& how, link_user& user)
    : times_(times), choices_(choices), how_(how), user_(user) {}

bool link::connect(application_protocol above) {
  last_progress_ = system::instance().now();
  if (!system::instance().connect(*this, how_.secure ? 443 : 80)) {
    server_gone_ = reset_ = true;
    times_.after(how_.latency, *this, tell_reset);
    return false;
  }
  if (how_.leaves != manners::departure::stays) times_.after(how_.leaves_after, *this, leave);
  if (how_.secure) {
    tls_ = std::make_unique<tls_end>(choices_.fork(9), above);
    put(tls_->begin());
  }
  return true;
}

void link::send(std::string_view data) {
  if (client_gone_ || reset_ || own_end_ != own_end::open) return;
  if (tls_) {
    put(tls_->send(data));
  } else {
    put(data);
  }
}

void link::update_keys() {
  if (tls_ && tls_->is_ready() && !client_gone_ && !reset_ && own_end_ == own_end::open) {
    put(tls_->update_keys());
  }
}

void link::put(std::string_view data) {
  if (own_end_ == own_end::sent || data.empty()) return;
  const auto before = written_;
  written_ += data.size();
  if (how_.garbles_at && *how_.garbles_at >= before && *how_.garbles_at < written_) {
    std::string changed(data);
    auto& byte = changed[*how_.garbles_at - before];
    byte = static_cast<char>(byte ^ static_cast<char>(1U << choices_.below(8)));
    up_.append(changed);
  } else {
    up_.append(data);
  }
  schedule_up();
}

void link::end() {
  if (client_gone_ || own_end_ != own_end::open) return;
  own_end_ = own_end::wanted;
  if (!tls_ || tls_->is_ready()) send_end();
}

/// With TLS both close_notify and FIN; or no close_notify; or the FIN after a while.
void link::send_end() {
  const auto kind = tls_ ? choices_.below(4) : 0;
  if (tls_ && kind != 1) put(tls_->end());
  if (kind == 2) {
    own_end_ = own_end::told;
    times_.after(choices_.between(microsecond, 2 * second), *this, send_fin);
  } else {
    finish_end();
  }
}

void link::finish_end() {
  own_end_ = own_end::sent;
  schedule_up();
}

void link::reset() {
  if (client_gone_) return;
  client_gone_ = true;
  up_.clear();
  down_.clear();
  reset_from_client();
}

void link::vanish() {
  client_gone_ = true;
  up_.clear();
  // A program that ends before its TLS has begun is ended by its system.
  if (own_end_ != own_end::open) own_end_ = own_end::sent;
  if (how_.system_gives_up_after != 0) {
    times_.after(how_.system_gives_up_after, *this, give_up);
  }
}

void link::reset_from_client() {
  if (server_gone_) return;
  error_ = ECONNRESET;
  reset_ = true;
  down_.clear();
}

void link::schedule_up() {
  const bool something = !up_.empty() || (own_end_ == own_end::sent && !client_end_arrived_);
  if (moving_up_ || !something || (how_.writes == manners::pace::never && writes_paced())) return;
  moving_up_ = true;
  times_.after(delay(how_.writes, writes_paced()), *this, move_up);
}

void link::schedule_down() {
  const bool something = !down_.empty() || (ended_by_server_ && !end_shown_);
  if (moving_down_ || !something || client_gone_) return;
  if (how_.reads == manners::pace::never && reads_paced()) return;
  moving_down_ = true;
  times_.after(delay(how_.reads, reads_paced()), *this, move_down);
}

nanoseconds link::delay(manners::pace pace, bool paced) {
  if (pace == manners::pace::slow && paced) return second;
  if (how_.stall_one_in != 0 && choices_.one_in(how_.stall_one_in)) {
    const auto stall = choices_.between(millisecond, how_.longest_stall);
    const auto now = system::instance().now();
    // Stalls that pile up would fall below the rates that the server demands.
    if (now >= may_stall_from_) {
      may_stall_from_ = now + 2 * stall;
      if (stall >= long_stall) stalled_until_ = now + stall;
      return stall;
    }
  }
  return choices_.between(microsecond, how_.latency);
}

std::size_t link::piece(std::size_t available, manners::pace pace, bool paced) {
  if (pace == manners::pace::slow && paced) return 1;
  if (how_.whole) return available;
  std::size_t most = available;
  switch (choices_.below(8)) {
    case 0: most = 1; break;
    case 1: most = 16; break;
    case 2: most = 200; break;
    case 3: most = 1460; break;
    default: return available;
  }
  return 1 + choices_.below(std::min(most, available));
}

void link::on_time(int what) {
  switch (what) {
    case move_up: move_to_server(); break;
    case move_down: move_to_client(); break;
    case tell_reset: user_.on_reset(); break;
    case send_fin: finish_end(); break;
    case give_up:
      if (!server_gone_ && !down_.empty()) {
        error_ = ETIMEDOUT;
        reset_ = true;
      }
      break;
    default:
      if (how_.leaves == manners::departure::ends) end();
      if (how_.leaves == manners::departure::resets) reset();
      if (how_.leaves == manners::departure::vanishes) vanish();
      break;
  }
}

void link::move_to_server() {
  moving_up_ = false;
  if (reset_) return;
  if (server_gone_) {  // Nobody is there any more: the answer is a reset.
    if (up_.empty() || client_gone_) return;
    reset_ = true;
    up_.clear();
    user_.on_reset();
    return;
  }
  const auto room = how_.server_capacity - std::min(arrived_.size(), how_.server_capacity);
  if (!up_.empty()) {
    if (room == 0) return;  // The server's reading moves it on.
    const auto count = std::min(piece(up_.size(), how_.writes, writes_paced()), room);
    arrived_.append(up_.view().substr(0, count));
    up_.drop(count);
    arrived_total_ += count;
    last_progress_ = system::instance().now();
  }
  if (up_.empty() && own_end_ == own_end::sent) client_end_arrived_ = true;
  schedule_up();
}

void link::move_to_client() {
  moving_down_ = false;
  if (client_gone_) return;
  if (!down_.empty()) {
    const auto data = down_.take(piece(down_.size(), how_.reads, reads_paced()));
    received_ += data.size();
    last_progress_ = system::instance().now();
    show(data);
  }
  if (down_.empty() && ended_by_server_ && !client_gone_) {
    if (how_.honest() && tls_agreed() && !tls_->is_ended()) {
      world::current()->fail("a FIN came without close_notify");
    }
    show_end();
  }
  schedule_down();
}

void link::show(std::string_view bytes) {
  if (!tls_) {
    user_.on_data(bytes);
    return;
  }
  const bool was_ready = tls_->is_ready();
  put(tls_->receive(bytes));
  if (!was_ready && tls_->is_ready()) handshake_end_ = written_;
  if (tls_->is_ready() && own_end_ == own_end::wanted) send_end();
  if (const auto text = tls_->take_received(); !text.empty()) user_.on_data(text);
  if (client_gone_) return;
  if (tls_->has_failed()) {
    if (how_.honest()) world::current()->fail("what came is no TLS");
    reset();
    user_.on_reset();
  } else if (tls_->is_ended()) {
    show_end();
  }
}

/// The server knows the end of the handshake, too.
bool link::tls_agreed() const noexcept {
  return tls_ && tls_->is_ready() && arrived_total_ - arrived_.size() >= handshake_end_;
}

void link::show_end() {
  if (!std::exchange(end_shown_, true)) user_.on_end();
}

ssize_t link::server_receive(void* to, std::size_t most) {
  if (!arrived_.empty()) {
    auto count = std::min(most, arrived_.size());
    if (!how_.whole && choices_.one_in(4)) count = 1 + choices_.below(count);
    std::memcpy(to, arrived_.view().data(), count);
    arrived_.drop(count);
    schedule_up();
    return static_cast<ssize_t>(count);
  }
  if (error_ != 0) {
    errno = std::exchange(error_, 0);
    return -1;
  }
  if (client_end_arrived_ || reset_) return 0;
  errno = EAGAIN;
  return -1;
}

ssize_t link::server_send(std::span<const iovec> from) {
  if (reset_ || ended_by_server_) {
    errno = error_ != 0 ? std::exchange(error_, 0) : EPIPE;
    return -1;
  }
  auto room = how_.client_capacity - std::min(down_.size(), how_.client_capacity);
  if (room == 0) {
    errno = EAGAIN;
    return -1;
  }
  if (!how_.whole && choices_.one_in(4)) room = 1 + choices_.below(room);
  std::size_t taken = 0;
  for (const auto& each : from) {
    const auto count = std::min(each.iov_len, room - taken);
    down_.append({static_cast<const char*>(each.iov_base), count});
    taken += count;
  }
  schedule_down();
  return static_cast<ssize_t>(taken);
}

void link::server_end() {
  ended_by_server_ = true;
  schedule_down();
}

/// As Linux does: what has not been read makes a reset of the end.
void link::close_server(bool with_reset) {
  server_gone_ = true;
  if (reset_ || client_gone_) return;
  if (!with_reset && arrived_.empty()) {
    if (!ended_by_server_) server_end();
    return;
  }
  reset_ = true;
  down_.clear();
  up_.clear();
  arrived_.clear();
  times_.after(delay(manners::pace::normal, false), *this, tell_reset);
}

int link::take_error() noexcept { return std::exchange(error_, 0); }

std::uint32_t link::ready() const {
  std::uint32_t events = 0;
  if (!arrived_.empty() || client_end_arrived_ || reset_) events |= EPOLLIN;
  if (client_end_arrived_ || reset_) events |= EPOLLRDHUP;
  if (reset_) return events | EPOLLOUT | EPOLLERR | EPOLLHUP;
  if (down_.size() < how_.client_capacity && !ended_by_server_) events |= EPOLLOUT;
  if (client_end_arrived_ && ended_by_server_) events |= EPOLLHUP;
  return events;
}

}  // namespace saker::simulation
