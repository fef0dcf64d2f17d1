#include "io/socket_stream.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "io/sockets.hpp"

namespace saker::io {
namespace {

std::error_code last_error() { return {errno, std::system_category()}; }

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

ssize_t send_vectors(int descriptor, std::span<iovec> vectors) {
  if (vectors.size() == 1) {
    return ::send(descriptor, vectors[0].iov_base, vectors[0].iov_len, MSG_NOSIGNAL);
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = vectors.size();
  return ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

/// Sent without asking the system again: a peer that reads as fast as something is written must not
/// have the loop for itself.
constexpr std::size_t most_at_once = 1024 * 1024;

iovec vector_of(std::span<const std::byte> data) {
  return {const_cast<std::byte*>(data.data()), data.size()};
}

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
  input_.handler = handler;
  announced_ = announced::nothing;
  note_queued();
  starved_ = false;
  state_.at_turn_end(*this);
}

void socket_stream::pause_reading() noexcept {
  input_.reading = false;
  state_.at_turn_end(*this);
}

void socket_stream::resume_reading() {
  input_.reading = true;
  starved_ = false;
  show_again_ = true;
  state_.at_turn_end(*this);
}

void socket_stream::write(std::span<const std::byte> data) {
  if (descriptor_ < 0 || error_) return;
  output_.append(data);
  note_written();
}

void socket_stream::write(std::span<const std::byte> head, std::span<const std::byte> payload) {
  if (descriptor_ < 0 || error_) return;
  if (payload.size() >= direct_write_size && write_directly(head, payload)) return;
  output_.append(head);
  output_.append(payload);
  note_written();
}

void socket_stream::write_through(std::span<const std::byte> data) {
  if (descriptor_ < 0 || error_ || write_directly({}, data)) return;
  output_.append(data);
  note_written();
}

bool socket_stream::write_directly(std::span<const std::byte> head,
                                   std::span<const std::byte> payload) {
  if (want_writable_ || sent_at_once_ >= most_at_once) return false;
  std::array<iovec, 18> vectors;
  auto count = output_.gather(std::span(vectors).first(16));
  std::size_t before = 0;
  for (std::size_t i = 0; i < count; ++i) before += vectors[i].iov_len;
  if (before != output_.size()) return false;
  if (!head.empty()) vectors[count++] = vector_of(head);
  vectors[count++] = vector_of(payload);
  const auto result = send_vectors(descriptor_, std::span(vectors).first(count));
  if (result < 0) {
    if (would_block()) return false;
    fail_output();
    return true;
  }
  auto sent = static_cast<std::size_t>(result);
  note_sent(sent);
  const auto from_queue = std::min(sent, before);
  output_.consume(from_queue);
  sent -= from_queue;
  const auto from_head = std::min(sent, head.size());
  output_.append(head.subspan(from_head));
  output_.append(payload.subspan(sent - from_head));
  note_queued();
  if (!output_.empty()) {
    want_writable_ = true;
    state_.at_turn_end(*this);
  }
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
  const auto taken = sent_ - std::min(static_cast<std::uint64_t>(kept), sent_);
  if (!output_.empty()) return {taken, rest::waiting};
  if (kept == 0) return {taken, rest::none};
  return {taken, kept == unsent ? rest::waiting : rest::under_way};
}

void socket_stream::notify_drained(std::size_t below) noexcept {
  drained_below_ = below;
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
  input_.handler = nullptr;
  drained_below_ = 0;
  input_.forget();
}

void socket_stream::close(std::unique_ptr<byte_stream> self, std::chrono::milliseconds limit) {
  forget_handler();
  if (descriptor_ < 0 || error_) {
    state_.retire(std::move(self));
    return;
  }
  closing_ = std::make_unique<closing_pace>(
      [](void* stream) { static_cast<socket_stream*>(stream)->limit_closing(); }, this, limit);
  closing_->begin(state_, sent_);
  state_.keep(std::move(self));
  input_.reading = true;
  starved_ = false;
  state_.at_turn_end(*this);
}

void socket_stream::report_work(async::work_report& to) const {
  if (closing_ && !output_.empty()) to.add(async::unread_output);
}

/// When the limit is over: ends what has not kept pace.
void socket_stream::limit_closing() {
  if (closing_->is_late(sent_, output_.empty())) {
    // What the system has taken may still be on its way.
    if (output_.empty()) close_descriptor();
    abort();
    state_.drop(*this);
    return;
  }
  closing_->begin(state_, sent_);
}

void socket_stream::on_ready(readiness ready) {
  sent_at_once_ = 0;
  if (ready.writable && !error_) {
    want_writable_ = false;
    flush();
  }
  if ((ready.readable || ready.peer_ended || ready.broken) && descriptor_ >= 0) {
    if (closing_) {
      discard_input();
    } else if (is_reading() && input_end_ < input_end::reached) {
      receive();
    } else if (ready.peer_ended || ready.broken) {
      note_end(ready.broken);
    }
    if (!output_.empty()) flush();
  }
  if (want_writable_ != armed_.writable) state_.at_turn_end(*this);
}

void socket_stream::receive() {
  // What was kept comes first, and so does who waits for the drain: both happen at the end of the
  // turn, and the system will say it again.
  if (show_again_ || is_drained()) return;
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
    starved_ = true;
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
    input_end_ = input_end::reached;
    state_.at_turn_end(*this);
  } else if (!would_block()) {
    fail(last_error());
    input_end_ = input_end::reached;
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
  input_end_ = std::max(input_end_, input_end::arrived);
  state_.at_turn_end(*this);
}

void socket_stream::report_end() {
  if (input_end_ == input_end::open) return;
  auto* const handler = input_.handler;
  if (!handler || show_again_) return;
  if (input_end_ >= input_end::reached) {
    if (error_) {
      close_descriptor();
      input_.handler = nullptr;
      handler->on_error(error_);
    } else if (input_end_ == input_end::reached) {
      input_end_ = input_end::reported;
      handler->on_read_end();
    }
    return;
  }
  const auto news = error_ ? announced::loss : announced::end;
  if (announced_ >= news) return;
  if (is_reading() && !error_) return;
  announced_ = news;
  handler->on_end_arrived(error_);
}

void socket_stream::discard_input() {
  const auto buffer = io_.read_buffer();
  const auto result = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (result > 0 || (result < 0 && would_block())) return;
  input_end_ = input_end::reached;
  if (result < 0 || output_ended_) finish_closing();
  state_.at_turn_end(*this);
}

void socket_stream::flush() {
  while (!output_.empty() && !want_writable_ && descriptor_ >= 0) {
    if (sent_at_once_ >= most_at_once) {
      want_writable_ = true;
      break;
    }
    std::array<iovec, 16> vectors;
    const auto used = output_.gather(vectors);
    std::size_t offered = 0;
    for (std::size_t i = 0; i < used; ++i) offered += vectors[i].iov_len;
    const auto result = send_vectors(descriptor_, std::span(vectors).first(used));
    if (result < 0 && !would_block()) {
      fail_output();
      return;
    }
    const auto sent = result < 0 ? 0 : static_cast<std::size_t>(result);
    note_sent(sent);
    output_.consume(sent);
    want_writable_ = sent < offered;
    note_queued();
  }
  if (is_drained()) state_.at_turn_end(*this);
  if (closing_ && output_.empty() && !output_ended_) end_output();
}

void socket_stream::on_turn_end() {
  if (!error_) flush();
  if (std::exchange(show_again_, false) && input_.is_kept() && input_.handler && input_.reading) {
    input_.show_again();
  }
  report_end();
  deliver_drained();
  update_interest();
}

void socket_stream::deliver_drained() {
  if (!is_drained() || !input_.handler) return;
  drained_below_ = 0;
  input_.handler->on_drained();
}

/// What a peer that has gone had sent is still to be read; with any other error the peer may go on.
void socket_stream::fail_output() {
  const bool gone = errno == EPIPE || errno == ECONNRESET;
  fail(last_error());
  if (!gone) input_end_ = input_end::reached;
}

void socket_stream::fail(std::error_code error) {
  if (error_) return;
  error_ = error;
  input_end_ = std::max(input_end_, input_end::arrived);
  output_.clear();
  note_queued();
  if (closing_) {
    finish_closing();
  } else {
    state_.at_turn_end(*this);
  }
}

void socket_stream::update_interest() noexcept {
  constexpr interest usual{.readable = true};
  const bool only_reads = is_reading() && input_end_ == input_end::open && !want_writable_;
  if (descriptor_ < 0 || (only_reads && armed_ == usual)) return;
  interest wanted;
  wanted.readable = is_reading() && input_end_ < input_end::reached;
  wanted.writable = want_writable_ && !error_;
  wanted.peer_ended = !wanted.readable && input_end_ == input_end::open;
  wanted.once = error_ && !wanted.readable;
  if (wanted == armed_) return;
  armed_ = wanted;
  io_.poller().modify(descriptor_, *this, wanted);
}

void socket_stream::end_output() {
  output_ended_ = true;
  ::shutdown(descriptor_, SHUT_WR);
  if (input_end_ >= input_end::reached) finish_closing();
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
