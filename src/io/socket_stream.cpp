#include "io/socket_stream.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "io/sockets.hpp"

namespace saker::io {
namespace {

std::error_code last_error() { return {errno, std::system_category()}; }

}  // namespace

socket_stream::socket_stream(event_loop& loop, int descriptor)
    : state_(loop.state()), io_(loop_io::of(loop)), descriptor_(descriptor), output_(io_.chunks()) {
  io_.poller().add(descriptor_, *this, armed_);
}

socket_stream::~socket_stream() { close_descriptor(); }

std::string socket_stream::remote_endpoint() const {
  return remote_endpoint_ ? *remote_endpoint_ : describe_peer(descriptor_);
}

std::string socket_stream::local_endpoint() const { return describe_local(descriptor_); }

void socket_stream::set_handler(stream_handler* handler) noexcept {
  input_.set_handler(handler);
  note_queued();
  state_.at_turn_end(*this);
}

void socket_stream::pause_reading() noexcept {
  input_.pause();
  state_.at_turn_end(*this);
}

void socket_stream::resume_reading() {
  input_.resume();
  state_.at_turn_end(*this);
}

void socket_stream::write(std::span<const std::byte> data) {
  if (!is_writable()) return;
  output_.append(data);
  note_written();
}

void socket_stream::write(std::span<const std::byte> head, std::span<const std::byte> payload) {
  if (!is_writable()) return;
  if (payload.size() >= direct_write_size && write_directly(head, payload)) return;
  output_.append(head);
  output_.append(payload);
  note_written();
}

void socket_stream::write_through(std::span<const std::byte> data) {
  if (!is_writable() || write_directly({}, data)) return;
  output_.append(data);
  note_written();
}

bool socket_stream::write_directly(std::span<const std::byte> head,
                                   std::span<const std::byte> payload) {
  switch (output_.offer(descriptor_, head, payload)) {
    case socket_output::offered::declined: return false;
    case socket_output::offered::failed: fail_output(); return true;
    case socket_output::offered::taken: break;
  }
  note_queued();
  if (output_.is_blocked()) state_.at_turn_end(*this);
  return true;
}

/// The system takes megabytes for a peer that reads nothing. What it keeps although nothing is
/// under way waits for the peer to open its window.
delivery socket_stream::delivered() const noexcept {
  using rest = delivery::rest;
  int kept = 0;
  int unsent = 0;
  if (descriptor_ < 0 || ::ioctl(descriptor_, SIOCOUTQ, &kept) != 0 ||
      ::ioctl(descriptor_, SIOCOUTQNSD, &unsent) != 0) {
    return byte_stream::delivered();
  }
  const auto taken = sent() - std::min(static_cast<std::uint64_t>(kept), sent());
  if (!output_.empty()) return {taken, rest::waiting};
  if (kept == 0) return {taken, rest::none};
  return {taken, kept == unsent ? rest::waiting : rest::under_way};
}

void socket_stream::notify_drained(std::size_t below) noexcept {
  drained_.ask(below);
  state_.at_turn_end(*this);
}

void socket_stream::abort() noexcept {
  if (descriptor_ >= 0) {
    const linger reset{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  close_descriptor();
  forget_handler();
  output_.clear();
}

/// Nobody is told anything any more: a wait for the drain that stayed would come up in every turn.
void socket_stream::forget_handler() noexcept {
  input_.forget_handler();
  drained_.forget();
}

void socket_stream::close(std::unique_ptr<byte_stream> self, std::chrono::milliseconds limit) {
  forget_handler();
  if (!is_writable()) {
    state_.retire(std::move(self));
    return;
  }
  closing_ = std::make_unique<closing_pace>(
      [](void* stream) { static_cast<socket_stream*>(stream)->limit_closing(); }, this, limit);
  closing_->begin(state_, sent());
  state_.keep(std::move(self));
  input_.read_on();
  state_.at_turn_end(*this);
}

void socket_stream::report_work(async::work_report& to) const {
  if (closing_ && !output_.empty()) to.add(async::unread_output);
}

/// When the limit is over: ends what has not kept pace.
void socket_stream::limit_closing() {
  if (closing_->is_late(sent(), output_.empty())) {
    // What the system has taken may still be on its way.
    if (output_.empty()) close_descriptor();
    abort();
    state_.drop(*this);
    return;
  }
  closing_->begin(state_, sent());
}

void socket_stream::on_ready(readiness ready) {
  output_.begin_event();
  if (ready.writable && !output_.is_failed()) {
    output_.unblock();
    flush();
  }
  if ((ready.readable || ready.peer_ended || ready.broken) && descriptor_ >= 0) {
    if (closing_) {
      discard_input();
    } else if (input_.is_reading() && !input_.end.is_reached()) {
      receive();
    } else if (ready.peer_ended || ready.broken) {
      note_end(ready.broken);
    }
    if (!output_.empty()) flush();
  }
  if (output_.is_blocked() != armed_.writable) state_.at_turn_end(*this);
}

void socket_stream::receive() {
  // What was kept comes first, and so does who waits for the drain: both happen at the end of the
  // turn, and the system will say it again.
  if (input_.has_to_show_again() || is_drained()) return;
  const auto kept = input_.kept_size();
  auto buffer = io_.read_buffer();
  std::vector<std::byte> larger;
  if (kept >= buffer.size() / 2) {
    larger.resize(2 * kept);
    buffer = larger;
  }
  const auto room =
      std::min(buffer.size() - kept, input_.handler ? input_.handler->read_budget() : 0);
  if (room == 0) {
    input_.starve();
    state_.at_turn_end(*this);
    return;
  }
  input_.restore(buffer);
  const auto result = ::recv(descriptor_, buffer.data() + kept, room, 0);
  if (result > 0) {
    showing_ = true;
    input_.show(buffer.first(kept + static_cast<std::size_t>(result)));
    showing_ = false;
  } else if (result == 0) {
    input_.end.note_reached();
    state_.at_turn_end(*this);
  } else if (!would_block()) {
    fail(last_error());
    input_.end.note_reached();
  }
}

/// The peer has ended, and nothing is read at the moment.
void socket_stream::note_end(bool broken) {
  if (broken) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    fail({error ? error : ECONNRESET, std::system_category()});
  }
  input_.end.note_arrived();
  state_.at_turn_end(*this);
}

void socket_stream::report_end() {
  if (input_.end.is_open() || !input_.handler || input_.has_to_show_again()) return;
  const auto error = output_.error();
  if (input_.end.is_reached()) {
    if (error) close_descriptor();
    input_.end.report(input_.handler, error);
  } else if (error || !input_.is_reading()) {
    input_.end.announce(input_.handler, error);
  }
}

void socket_stream::discard_input() {
  const auto buffer = io_.read_buffer();
  const auto result = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (result > 0 || (result < 0 && would_block())) return;
  input_.end.note_reached();
  if (result < 0 || output_.is_ended()) finish_closing();
  state_.at_turn_end(*this);
}

void socket_stream::flush() {
  if (output_.has_to_send() && descriptor_ >= 0) {
    if (!output_.send(descriptor_)) {
      fail_output();
      return;
    }
    note_queued();
  }
  if (is_drained()) state_.at_turn_end(*this);
  if (closing_ && output_.empty() && !output_.is_ended()) end_output();
}

void socket_stream::on_turn_end() {
  if (!output_.is_failed()) flush();
  if (input_.take_show_again() && input_.is_kept() && input_.handler && input_.is_wanted()) {
    input_.show_again();
  }
  report_end();
  deliver_drained();
  update_interest();
}

void socket_stream::deliver_drained() {
  if (!is_drained() || !input_.handler) return;
  drained_.deliver(*input_.handler);
}

/// What a peer that has gone had sent is still to be read; with any other error the peer may go on.
void socket_stream::fail_output() {
  const bool gone = errno == EPIPE || errno == ECONNRESET;
  fail(last_error());
  if (!gone) input_.end.note_reached();
}

void socket_stream::fail(std::error_code error) {
  if (output_.is_failed()) return;
  output_.fail(error);
  input_.end.note_arrived();
  note_queued();
  if (closing_) {
    finish_closing();
  } else {
    state_.at_turn_end(*this);
  }
}

void socket_stream::update_interest() noexcept {
  constexpr interest usual{.readable = true};
  const bool only_reads = input_.is_reading() && input_.end.is_open() && !output_.is_blocked();
  if (descriptor_ < 0 || (only_reads && armed_ == usual)) return;
  interest wanted;
  wanted.readable = input_.is_reading() && !input_.end.is_reached();
  wanted.writable = output_.is_blocked();
  wanted.peer_ended = !wanted.readable && input_.end.is_open();
  wanted.once = output_.is_failed() && !wanted.readable;
  if (wanted == armed_) return;
  armed_ = wanted;
  io_.poller().modify(descriptor_, *this, wanted);
}

void socket_stream::end_output() {
  output_.end(descriptor_);
  if (input_.end.is_reached()) finish_closing();
}

void socket_stream::finish_closing() {
  closing_->clear();
  close_descriptor();
  state_.drop(*this);
}

void socket_stream::close_descriptor() noexcept {
  if (descriptor_ < 0) return;
  io_.poller().remove(descriptor_, *this);
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace saker::io
