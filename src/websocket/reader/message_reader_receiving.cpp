#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "websocket/reader/message_reader.hpp"

namespace saker::websockets {

// Receives.

void message_reader::require_receivable() const {
  if (is_receiving()) {
    throw std::logic_error("There is already a pending receive on this WebSocket.");
  }
  const auto now = socket_.closing().state();
  socket_.closing().require(
      now == websocket_state::open || now == websocket_state::close_sent || has_unread(),
      "open or close_sent");
}

bool message_reader::begin(receive_base& operation) {
  try {
    require_receivable();
  } catch (...) {
    operation.exception_ = std::current_exception();
    return true;
  }
  if (operation.stop_.stop_requested() && !end_arrived_) {
    operation.exception_ = canceled();
    return true;
  }
  return continue_receive(operation);
}

bool message_reader::continue_receive(receive_base& operation) {
  try {
    return receive_more(operation);
  } catch (...) {
    receive_ = put_off_ = nullptr;
    operation.exception_ = std::current_exception();
    return true;
  }
}

bool message_reader::receive_more(receive_base& operation) {
  if (socket_.stream() && socket_.stream()->has_worked()) take_share(async::turn_share::most);
  if (share_.is_used_up()) {
    put_off_ = &operation;
    return false;
  }
  receive_ = &operation;
  if (inbox_) {
    use_share(async::turn_share::message);
    read_ahead();
    if (!has_unread()) inbox_.reset();
    if (socket_.stream()) socket_.stream()->resume_reading();
  }
  if (put_off_ == &operation) return false;
  if (receive_ != &operation) return true;
  if (end_) {
    reach_end();
  } else if (socket_.closing().has_peer_close()) {
    show_close();
  } else if (!frame_.in_payload() || frame_.has_gap()) {
    // The next message.
  } else if (receive_sink(operation).only_waits()) {
    receive_sink(operation).fill(frame_.type(), false);
    receive_ = nullptr;
  } else if (!frame_.is_compressed()) {
    // The frame began while nobody was receiving.
    check_size(frame_.missing());
  }
  return receive_ != &operation;
}

/// What was read ahead is received first.
void message_reader::read_ahead() {
  const receive_sink target(*receive_);
  if (target.takes_whole_message()) {
    read_inbox_message(target.whole());
  } else {
    read_inbox(target.part());
  }
}

void message_reader::read_inbox(receive_operation& operation) {
  while (!inbox_->empty()) {
    const auto piece = inbox_->front();
    const auto count = std::min(piece.size, operation.left().size());
    operation.type_ = piece.type;
    if (operation.buffer_.empty() && piece.size != 0) {
      operation.end_of_message_ = false;
      receive_ = nullptr;
      return;
    }
    if (piece.compressed) {
      if (!inflate_front()) continue;
      receive_ = nullptr;
      return;
    }
    std::copy_n(inbox_->front_bytes().begin(), count, operation.left().begin());
    operation.count_ += count;
    operation.has_data_ = true;
    const bool frame_ends = piece.end_of_frame && count == piece.size;
    inbox_->take(count);
    if (frame_ends || operation.left().empty()) {
      operation.end_of_message_ = frame_ends && piece.end_of_message;
      receive_ = nullptr;
      return;
    }
  }
}

void message_reader::read_inbox_message(receive_message_operation& operation) {
  while (!inbox_->empty()) {
    const auto piece = inbox_->front();
    if (piece.compressed) {
      if (!inflate_front()) continue;
      receive_ = nullptr;
      return;
    }
    const bool more_comes = frame_.in_payload() && !frame_.is_compressed() && !piece.end_of_frame &&
                            inbox_->has_one_piece();
    const auto still_coming = more_comes ? frame_.missing() : std::uint64_t{0};
    if (!check_size(piece.size + still_coming)) return;
    const auto target = operation.message_.extend(piece.size);
    if (piece.size != 0) {
      std::memcpy(target.data(), inbox_->front_bytes().data(), piece.size);
    }
    operation.has_data_ = true;
    operation.message_.set_type(piece.type);
    inbox_->take(piece.size);
    if (piece.end_of_message) {
      receive_ = nullptr;
      return;
    }
  }
}

// Others have their turn.

/// The socket may end with a handle on another thread, so the loop has a part in it meanwhile.
void message_reader::take_share(std::size_t cost) {
  if (!share_.take(socket_.loop().state(), cost)) return;
  try {
    socket_.loop().post([keep = socket_.keep(), this] { renew_share(); });
  } catch (...) {
    share_.renew();  // Without memory others have to wait.
  }
}

/// The same where one read is not all that has been done.
void message_reader::use_share(std::size_t cost) {
  take_share(cost);
  if (auto* const stream = socket_.stream()) stream->note_work(cost);
}

void message_reader::renew_share() {
  share_.renew();
  if (put_off_) {
    auto& operation = *std::exchange(put_off_, nullptr);
    operation.pending_ = false;
    if (continue_receive(operation)) {
      socket_.complete(operation);
    } else {
      operation.pending_ = true;
    }
  }
  if (is_discarding() && !put_off_) forget_unread();
  if (auto* const stream = socket_.stream()) stream->resume_reading();
}

// A receive that ends without a result.

void message_reader::cancel(std::uint64_t ticket) {
  const bool was_put_off = put_off_;
  auto& pending = was_put_off ? put_off_ : receive_;
  if (!pending || pending->ticket_ != ticket || end_arrived_) return;
  auto& operation = *std::exchange(pending, nullptr);
  keep_partial(operation, was_put_off);
  operation.exception_ = canceled();
  socket_.complete(operation);
}

/// What it has gathered belongs to the next one, unless the socket is closing.
void message_reader::keep_partial(receive_base& operation, bool was_put_off) {
  if (!operation.has_data_) return;
  if (is_discarding() && !was_put_off) {
    frame_.note_gap();
    return;
  }
  // Of a receive that was put off there is a rest, and another message may be on its way already.
  const auto type = has_unread() ? inbox_->front().type : frame_.type();
  ahead().put_back(receive_sink(operation).gathered(), type);
}

void message_reader::withdraw(receive_base& operation) noexcept {
  const bool was_put_off = put_off_;
  auto& pending = was_put_off ? put_off_ : receive_;
  if (pending != &operation) return;
  pending = nullptr;
  keep_partial(operation, was_put_off);
}

void message_reader::fail(const std::exception_ptr& exception) noexcept {
  auto* const waiting = std::exchange(put_off_ ? put_off_ : receive_, nullptr);
  if (!waiting) return;
  waiting->exception_ = exception;
  if (waiting->pending_) socket_.complete(*waiting);
}

}  // namespace saker::websockets
