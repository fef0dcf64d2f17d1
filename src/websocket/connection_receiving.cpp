#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "websocket/connection.hpp"
#include "websocket/mask.hpp"
#include "websocket/receives.hpp"

namespace saker::websockets {
// Reading from the stream.

std::size_t connection::read_budget() const noexcept { return share_.is_used_up() ? 0 : room(); }

/// Leaving aside that others have their turn.
std::size_t connection::room() const noexcept {
  if (takes_all()) return core::loop_state::read_buffer_size;
  const auto most = settings_.options->receive_read_ahead;
  if (!inbox_) return std::max<std::size_t>(most, 1);
  return most - std::min(inbox_->size(), most);
}

/// What follows the peer's Close, or what ends the input, is not even looked at.
bool connection::takes_all() const noexcept {
  return receives() || discarding_ || peer_close_ || input_end_;
}

std::size_t connection::on_read(std::span<std::byte> data) {
  last_received_ = now();
  const auto before = counters_.frames_received.value();
  const auto used = read_frames(data);
  const auto frames = counters_.frames_received.value() - before;
  if (stream_) stream_->note_work(frames * core::turn_share::message);
  counters_.bytes_received.add(used);
  return used;
}

std::size_t connection::read_frames(std::span<std::byte> data) {
  std::size_t used = 0;
  while (used < data.size() && !share_.is_used_up()) {
    // Somebody who receives does so on a stream that has not ended.
    if (!receive_) {
      if (!stream_ || peer_close_ || input_end_) return data.size();
      if (read_budget() == 0) break;
    }
    const auto rest = data.subspan(used);
    if (in_frame_) {
      used += take_payload(rest);
      continue;
    }
    const auto size = parser_.parse(rest, header_);
    if (size == 0) {
      if (!parser_.has_fault()) break;
      end_input({websocket_errc::faulted, websocket_close_status::protocol_error, parser_.fault()});
      return data.size();
    }
    used += size;
    ++counters_.frames_received;
    take_share(core::turn_share::message);
    if (is_control(header_.code)) {
      take_control(rest.subspan(size, header_.length));
      used += header_.length;
    } else {
      begin_frame();
    }
  }
  return stream_ ? used : data.size();
}

void connection::begin_frame() {
  if (header_.code != opcode::continuation) {
    message_type_ = header_.code == opcode::text ? websocket_message_type::text
                                                 : websocket_message_type::binary;
    message_compressed_ = header_.compressed;
    text_.reset();
  }
  frame_taken_ = 0;
  in_frame_ = true;
  if (receive_ && receive_->whole_message_ && !message_compressed_ &&
      !fits_message(header_.length)) {
    return;
  }
  if (header_.length == 0) {
    if (message_compressed_) {
      take_compressed({});
    } else {
      end_frame();
    }
  } else if (receive_ && !receive_->whole_message_ && part_of(*receive_).buffer_.empty()) {
    auto& waiting = part_of(*std::exchange(receive_, nullptr));
    waiting.result_ = {0, message_type_, false, std::nullopt, {}};
    resume_now(waiting);
  }
}

std::size_t connection::take_payload(std::span<std::byte> data) {
  auto part = data.first(std::min<std::uint64_t>(data.size(), header_.length - frame_taken_));
  if (message_compressed_) {
    take_compressed(part);
    return part.size();
  }
  if (receive_ && !receive_->whole_message_) {
    part = part.first(std::min(
        part.size(), part_of(*receive_).buffer_.size() - part_of(*receive_).result_.count));
  }
  if (!deliver(part)) return data.size();
  frame_taken_ += part.size();
  if (frame_taken_ == header_.length) {
    end_frame();
  } else if (receive_ && !receive_->whole_message_ &&
             part_of(*receive_).result_.count == part_of(*receive_).buffer_.size()) {
    auto& full = part_of(*std::exchange(receive_, nullptr));
    full.result_.type = message_type_;
    full.result_.end_of_message = false;
    resume_now(full);
  }
  return part.size();
}

/// Unmasks into where the application wants it. False when that was the end of the socket.
bool connection::deliver(std::span<const std::byte> data) {
  if (discarding_ && !receive_) return true;
  std::span<std::byte> target;
  if (!receive_) {
    if (!inbox_) inbox_ = std::make_unique<inbox>();
    target = inbox_->extend(data.size(), message_type_);
  } else if (receive_->whole_message_) {
    target = whole_of(*receive_).message_.extend(data.size());
  } else {
    target = part_of(*receive_).buffer_.subspan(part_of(*receive_).result_.count, data.size());
    part_of(*receive_).result_.count += data.size();
  }
  if (receive_) receive_->has_data_ = true;
  copy_unmasked(target.data(), data, header_.mask, frame_taken_);
  if (is_valid_text(target)) return true;
  if (!receive_ && inbox_) inbox_->take_back(data.size());
  refuse_text();
  return false;
}

bool connection::is_valid_text(std::span<const std::byte> data) {
  return message_type_ != websocket_message_type::text || text_.feed(data);
}

void connection::refuse_text() {
  end_input({websocket_errc::faulted, websocket_close_status::invalid_payload_data,
             "The WebSocket received a text message that is not valid UTF-8."});
}

bool connection::fits_message(std::uint64_t more) {
  if (more <= settings_.options->max_message_size &&
      whole_of(*receive_).message_.size() + more <= settings_.options->max_message_size) {
    return true;
  }
  refuse_size();
  return false;
}

void connection::refuse_size() {
  fail(websocket_close_status::message_too_big,
       "The WebSocket received a message larger than max_message_size allows.");
}

void connection::end_frame() {
  in_frame_ = false;
  if (header_.fin && message_type_ == websocket_message_type::text && !text_.is_complete()) {
    refuse_text();
    return;
  }
  if (!receive_) {
    if (discarding_) return;
    if (!inbox_) inbox_ = std::make_unique<inbox>();
    inbox_->end_frame(message_type_, header_.fin);
    return;
  }
  receive_->has_data_ = true;
  if (receive_->whole_message_) {
    whole_of(*receive_).message_.set_type(message_type_);
    if (!header_.fin) return;
  } else {
    part_of(*receive_).result_.type = message_type_;
    part_of(*receive_).result_.end_of_message = header_.fin;
  }
  resume_now(*std::exchange(receive_, nullptr));
}

// Control frames.

void connection::take_control(std::span<const std::byte> masked) {
  std::array<std::byte, 125> buffer;
  copy_unmasked(buffer.data(), masked, header_.mask, 0);
  const auto payload = std::span<const std::byte>(buffer).first(masked.size());
  if (header_.code == opcode::ping) {
    take_ping(payload);
  } else if (header_.code == opcode::pong) {
    take_pong(payload);
  } else {
    take_close(payload);
  }
}

void connection::take_ping(std::span<const std::byte> payload) {
  if (close_sent_) return;
  if (!congested()) {
    write_control(opcode::pong, payload);
    return;
  }
  // A peer that pings but does not read gets one answer, to its latest ping (RFC 6455, 5.5.3).
  if (!latest_ping_) latest_ping_ = std::make_unique<std::string>();
  latest_ping_->assign(reinterpret_cast<const char*>(payload.data()), payload.size());
  pong_due_ = true;
  stream_->notify_drained(settings_.options->send_high_water_mark);
}

void connection::take_close(std::span<const std::byte> payload) {
  auto parsed = parse_close(payload);
  if (!parsed) {
    end_input({websocket_errc::faulted, websocket_close_status::protocol_error,
               "The WebSocket received an invalid Close frame."});
    return;
  }
  constexpr unsigned without_status = 1005;
  note_end(payload.empty() ? without_status : static_cast<unsigned>(parsed->status));
  peer_close_.store(new close_payload(std::move(*parsed)), std::memory_order_release);
  if (close_sent_) {
    finish_close();
  } else if (receive_) {
    auto& waiting = *std::exchange(receive_, nullptr);
    show_close(waiting);
    resume_now(waiting);
  }
}

void connection::show_close(receive_base& operation) {
  set_state(close_sent_ ? websocket_state::closed : websocket_state::close_received);
  if (operation.whole_message_) {
    whole_of(operation).message_ = {};
    return;
  }
  const auto& close = *peer_close_.load();
  part_of(operation).result_ = {0, websocket_message_type::close, true, close.status,
                                close.description};
}

void connection::on_read_end() {
  end_arrived_ = true;
  // After its Close, or its fault, the peer has nothing more to say; ours may still be on its way.
  if (peer_close_ || input_end_) return;
  end_input({websocket_errc::connection_closed_prematurely, {}, nullptr});
  notify_lost();
}

void connection::on_error(std::error_code) {
  end_arrived_ = true;
  if (!peer_close_) {
    lose(websocket_errc::connection_closed_prematurely);
    return;
  }
  lose_output(websocket_errc::connection_closed_prematurely, nullptr);
  end_stream(false);
  notify_lost();
}

void connection::on_end_arrived(std::error_code error) {
  end_arrived_ = true;
  if (error) lose_output(websocket_errc::connection_closed_prematurely, nullptr);
  notify_lost();
}

// Receiving.

void connection::require_receivable() const {
  if (receives()) throw std::logic_error("There is already a pending receive on this WebSocket.");
  const auto now = state();
  require_state(now == websocket_state::open || now == websocket_state::close_sent || has_unread(),
                "Open, CloseSent");
}

bool connection::begin_receive(receive_base& operation) {
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

bool connection::continue_receive(receive_base& operation) {
  try {
    return receive_more(operation);
  } catch (...) {
    receive_ = put_off_ = nullptr;
    operation.exception_ = std::current_exception();
    return true;
  }
}

bool connection::receive_more(receive_base& operation) {
  if (stream_ && stream_->has_worked()) take_share(core::turn_share::most);
  if (share_.is_used_up()) {
    put_off_ = &operation;
    return false;
  }
  receive_ = &operation;
  if (inbox_) {
    use_share(core::turn_share::message);
    read_ahead(operation);
    end_reading_ahead();
  }
  if (put_off_ == &operation) return false;
  if (receive_ != &operation) return true;
  if (input_end_) {
    reach_end();
  } else if (peer_close_) {
    show_close(operation);
    receive_ = nullptr;
  } else if (in_frame_ && operation.whole_message_ && !message_compressed_) {
    // The frame began while nobody was receiving.
    fits_message(header_.length - frame_taken_);
  } else if (in_frame_ && !operation.whole_message_ && part_of(operation).buffer_.empty()) {
    part_of(operation).result_ = {0, message_type_, false, std::nullopt, {}};
    receive_ = nullptr;
  }
  return receive_ != &operation;
}

void connection::end_reading_ahead() {
  if (!has_unread()) inbox_.reset();
  if (stream_) stream_->resume_reading();
}

void connection::read_ahead(receive_base& operation) {
  if (operation.whole_message_) {
    read_inbox_message(whole_of(operation));
  } else {
    read_inbox(part_of(operation));
  }
}

void connection::read_inbox(receive_operation& operation) {
  while (!inbox_->empty()) {
    const auto piece = inbox_->front();
    const auto room = operation.buffer_.size() - operation.result_.count;
    const auto count = std::min(piece.size, room);
    operation.result_.type = piece.type;
    if (operation.buffer_.empty() && piece.size != 0) {
      operation.result_.end_of_message = false;
      receive_ = nullptr;
      return;
    }
    if (piece.compressed) {
      if (!inflate_front()) continue;
      receive_ = nullptr;
      return;
    }
    std::copy_n(inbox_->front_bytes().begin(), count,
                operation.buffer_.begin() + static_cast<std::ptrdiff_t>(operation.result_.count));
    operation.result_.count += count;
    operation.has_data_ = true;
    const bool frame_ends = piece.end_of_frame && count == piece.size;
    inbox_->take(count);
    if (frame_ends || operation.result_.count == operation.buffer_.size()) {
      operation.result_.end_of_message = frame_ends && piece.end_of_message;
      receive_ = nullptr;
      return;
    }
  }
}

void connection::read_inbox_message(receive_message_operation& operation) {
  while (!inbox_->empty()) {
    const auto piece = inbox_->front();
    if (piece.compressed) {
      if (!inflate_front()) continue;
      receive_ = nullptr;
      return;
    }
    const bool more_comes =
        in_frame_ && !message_compressed_ && !piece.end_of_frame && inbox_->has_one_piece();
    const auto still_coming = more_comes ? header_.length - frame_taken_ : std::uint64_t{0};
    if (!fits_message(piece.size + still_coming)) return;
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
void connection::take_share(std::size_t cost) {
  if (!share_.take(loop_.state(), cost)) return;
  try {
    loop_.post([self = shared_from_this()] { self->renew_share(); });
  } catch (...) {
    share_.renew();  // Without memory others have to wait.
  }
}

/// The same where one read is not all that has been done.
void connection::use_share(std::size_t cost) {
  take_share(cost);
  if (stream_) stream_->note_work(cost);
}

void connection::renew_share() {
  share_.renew();
  if (put_off_) {
    auto& operation = *std::exchange(put_off_, nullptr);
    operation.pending_ = false;
    if (continue_receive(operation)) {
      complete(operation);
    } else {
      operation.pending_ = true;
    }
    if (discarding_ && !put_off_) forget_unread();
  }
  if (stream_) stream_->resume_reading();
}

void connection::cancel_receive(std::uint64_t ticket) {
  auto& pending = put_off_ ? put_off_ : receive_;
  if (!pending || pending->ticket_ != ticket || end_arrived_) return;
  auto& operation = *std::exchange(pending, nullptr);
  keep_partial(operation);
  operation.exception_ = canceled();
  complete(operation);
}

/// What a receive that ends without a result has gathered belongs to the next one.
void connection::keep_partial(receive_base& operation) {
  if (!operation.has_data_) return;
  const auto gathered =
      operation.whole_message_ ? whole_of(operation).message_.bytes() : part_of(operation).filled();
  // Of a receive that was put off there is a rest, and another message may be on its way already.
  const auto type = has_unread() ? inbox_->front().type : message_type_;
  if (!inbox_) inbox_ = std::make_unique<inbox>();
  inbox_->put_back(gathered, type);
}

void connection::withdraw(receive_base& operation) noexcept {
  completed_.erase(operation);
  auto& pending = put_off_ ? put_off_ : receive_;
  if (pending != &operation) return;
  pending = nullptr;
  keep_partial(operation);
}

}  // namespace saker::websockets
