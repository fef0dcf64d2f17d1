#include <algorithm>
#include <cstring>
#include <utility>

#include "websocket/codecs.hpp"
#include "websocket/connection.hpp"
#include "websocket/mask.hpp"
#include "websocket/receives.hpp"

namespace saker::websockets {

// Compressed messages: they are inflated when somebody receives them and not before, so that what
// is read ahead cannot grow beyond what the network brought.

void connection::take_compressed(std::span<std::byte> data) {
  const auto offset = frame_taken_;
  frame_taken_ += data.size();
  const bool ends = frame_taken_ == header_.length;
  if (ends) in_frame_ = false;
  if (discarding_ && (!receive_ || context_lost_)) {
    context_lost_ = true;
    return;
  }
  counters_.compressed_bytes_received.add(data.size());
  copy_unmasked(data.data(), data, header_.mask, offset);
  compressed_piece piece{data, message_type_, ends, ends && header_.fin, false};
  const bool satisfied = receive_ && inflate(piece);
  if (!stream_) return;  // It has failed.
  if (!piece.used_up) {
    if (!inbox_) inbox_ = std::make_unique<inbox>();
    const auto target = inbox_->extend(piece.data.size(), message_type_, true);
    std::copy(piece.data.begin(), piece.data.end(), target.begin());
    if (ends) inbox_->end_frame(message_type_, header_.fin, true);
  }
  if (satisfied) resume_now(*std::exchange(receive_, nullptr));
}

/// Inflates into the pending receive. True: it has its result; false: it wants more, or goes on in
/// a later turn, or the socket has failed, and the receive with it.
bool connection::inflate(compressed_piece& piece) {
  receive_->has_data_ = true;
  if (!inflating_) inflating_ = take_inflater();
  return receive_->whole_message_ ? inflate_message(piece) : inflate_part(piece);
}

bool connection::inflate_message(compressed_piece& piece) {
  auto& operation = whole_of(*receive_);
  const auto target = loop_.state().local<codecs>().inflated();
  std::size_t count = 0;
  do {
    if (is_put_off()) return false;
    count = inflating_->stream.read(piece.data, piece.end_of_message, target);
    if (!accept_inflated(target.first(count), piece)) return false;
    if (count != 0) std::memcpy(operation.message_.extend(count).data(), target.data(), count);
  } while (count == target.size());
  operation.message_.set_type(piece.type);
  return end_piece(piece) && piece.end_of_message;
}

bool connection::inflate_part(compressed_piece& piece) {
  auto& operation = part_of(*receive_);
  auto& result = operation.result_;
  auto& stream = inflating_->stream;
  bool more = false;
  do {
    if (is_put_off()) return false;
    const auto room = operation.buffer_.subspan(result.count);
    const auto target = room.first(std::min(room.size(), codecs::inflated_size));
    const auto count = stream.read(piece.data, piece.end_of_message, target);
    more = count == target.size() && stream.has_more(piece.data, piece.end_of_message);
    if (!accept_inflated(target.first(count), piece)) return false;
    result.count += count;
  } while (more && result.count != operation.buffer_.size());
  result.type = piece.type;
  result.end_of_message = false;
  if (more) return true;
  if (!end_piece(piece)) return false;
  result.end_of_message = piece.end_of_message;
  return piece.end_of_frame || result.count == operation.buffer_.size();
}

/// The rest of what is received comes in a later turn.
bool connection::is_put_off() {
  if (share_.is_used_up()) put_off_ = std::exchange(receive_, nullptr);
  return put_off_;
}

/// Checks what has been inflated. False: that was the end of the socket.
bool connection::accept_inflated(std::span<const std::byte> data, const compressed_piece& piece) {
  inflating_->size += data.size();
  // A few kilobytes that have arrived may expand to megabytes.
  use_share(data.size());
  counters_.inflated_bytes_received.add(data.size());
  if (inflating_->stream.is_corrupt()) {
    fail(websocket_close_status::invalid_payload_data,
         "The message was compressed using an unsupported compression method.");
  } else if (inflating_->size > settings_.options->max_message_size) {
    refuse_size();
  } else if (piece.type == websocket_message_type::text && !inflating_->text.feed(data)) {
    refuse_text();
  } else {
    return true;
  }
  return false;
}

bool connection::end_piece(compressed_piece& piece) {
  piece.used_up = true;
  if (!piece.end_of_message) return true;
  if (piece.type == websocket_message_type::text && !inflating_->text.is_complete()) {
    refuse_text();
    return false;
  }
  if (settings_.deflate->client_context_takeover) {
    inflating_->text.reset();
    inflating_->size = 0;
  } else {
    loop_.state().local<codecs>().give_back(std::move(inflating_));
  }
  return true;
}

std::unique_ptr<inflating> connection::take_inflater() {
  if (!settings_.deflate->client_context_takeover) {
    return loop_.state().local<codecs>().take_inflater();
  }
  return std::make_unique<inflating>(settings_.deflate->client_max_window_bits);
}

/// The same with what was read ahead. True as well when there is nobody to go on for.
bool connection::inflate_front() {
  const auto front = inbox_->front();
  compressed_piece piece{inbox_->front_bytes(), front.type, front.end_of_frame,
                         front.end_of_message, false};
  const bool satisfied = inflate(piece);
  if (!receives()) return true;
  inbox_->take(front.size - piece.data.size(), piece.used_up);
  return satisfied || put_off_;
}

}  // namespace saker::websockets
