#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "websocket/deflate/codecs.hpp"
#include "websocket/reader/message_reader.hpp"

namespace saker::websockets {

// Compressed messages: they are inflated when somebody receives them and not before, so that what
// is read ahead cannot grow beyond what the network brought.

void message_reader::take_compressed(std::span<std::byte> data) {
  const bool is_dropped = keeping_ == keeping::received_uncompressed || is_unwanted();
  if (is_dropped) {
    keeping_ = keeping::received_uncompressed;
    frame_.skip(data.size());
  } else {
    frame_.take(data.data(), data);
  }
  const bool ends = frame_.missing() == 0;
  const bool end_of_message = ends && frame_.header().fin;
  if (ends) std::ignore = frame_.end();  // Text is checked when it is inflated.
  if (is_dropped) return;
  socket_.counts().compressed_bytes_received.add(data.size());
  compressed_piece piece{data, frame_.type(), ends, end_of_message, false};
  const bool satisfied = receive_ && inflate(piece);
  if (!socket_.stream()) return;  // It has failed.
  if (!piece.used_up) {
    const auto target = ahead().extend(piece.data.size(), frame_.type(), true);
    std::copy(piece.data.begin(), piece.data.end(), target.begin());
    if (ends) inbox_->end_frame(frame_.type(), end_of_message, true);
  }
  if (satisfied) finish_receive();
}

/// Inflates into the pending receive. True: it has its result; false: it wants more, or goes on in
/// a later turn, or the socket has failed, and the receive with it.
bool message_reader::inflate(compressed_piece& piece) {
  receive_->has_data_ = true;
  if (!inflating_) inflating_ = take_inflater();
  return receive_sink(*receive_).takes_whole_message() ? inflate_message(piece)
                                                       : inflate_part(piece);
}

bool message_reader::inflate_message(compressed_piece& piece) {
  auto& operation = receive_sink(*receive_).whole();
  const auto target = socket_.loop().state().local<codecs>().inflated();
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

bool message_reader::inflate_part(compressed_piece& piece) {
  auto& operation = receive_sink(*receive_).part();
  auto& stream = inflating_->stream;
  bool more = false;
  do {
    if (is_put_off()) return false;
    const auto target =
        operation.left().first(std::min(operation.left().size(), codecs::inflated_size));
    const auto count = stream.read(piece.data, piece.end_of_message, target);
    more = count == target.size() && stream.has_more(piece.data, piece.end_of_message);
    if (!accept_inflated(target.first(count), piece)) return false;
    operation.count_ += count;
  } while (more && !operation.left().empty());
  receive_sink(operation).fill(piece.type, false);
  if (more) return true;
  if (!end_piece(piece)) return false;
  receive_sink(operation).fill(piece.type, piece.end_of_message);
  return piece.end_of_frame || operation.left().empty();
}

/// The rest of what is received comes in a later turn.
bool message_reader::is_put_off() {
  if (share_.is_used_up()) put_off_ = std::exchange(receive_, nullptr);
  return put_off_;
}

/// Checks what has been inflated. False: that was the end of the socket.
bool message_reader::accept_inflated(std::span<const std::byte> data,
                                     const compressed_piece& piece) {
  inflating_->size += data.size();
  // A few kilobytes that have arrived may expand to megabytes.
  use_share(data.size());
  socket_.counts().inflated_bytes_received.add(data.size());
  if (inflating_->stream.is_corrupt()) {
    socket_.fail(websocket_close_status::invalid_payload_data,
                 "The message was compressed using an unsupported compression method.");
  } else if (inflating_->size > socket_.options().max_message_size) {
    refuse_size();
  } else if (piece.type == websocket_message_type::text && !inflating_->text.feed(data)) {
    refuse_text();
  } else {
    return true;
  }
  return false;
}

bool message_reader::end_piece(compressed_piece& piece) {
  piece.used_up = true;
  if (!piece.end_of_message) return true;
  if (piece.type == websocket_message_type::text && !inflating_->text.is_complete()) {
    refuse_text();
    return false;
  }
  if (socket_.deflate()->client_context_takeover) {
    inflating_->text.reset();
    inflating_->size = 0;
  } else {
    socket_.loop().state().local<codecs>().give_back(std::move(inflating_));
  }
  return true;
}

std::unique_ptr<inflating> message_reader::take_inflater() {
  const auto& agreed = *socket_.deflate();
  if (!agreed.client_context_takeover)
    return socket_.loop().state().local<codecs>().take_inflater();
  return std::make_unique<inflating>(agreed.client_max_window_bits);
}

/// The same with what was read ahead. True as well when there is nobody to go on for.
bool message_reader::inflate_front() {
  const auto front = inbox_->front();
  compressed_piece piece{inbox_->front_bytes(), front.type, front.end_of_frame,
                         front.end_of_message, false};
  const bool satisfied = inflate(piece);
  if (!is_receiving()) return true;
  inbox_->take(front.size - piece.data.size(), piece.used_up);
  return satisfied || put_off_;
}

}  // namespace saker::websockets
