#include <stdexcept>
#include <utility>

#include "websocket/codecs.hpp"
#include "websocket/connection.hpp"

namespace saker::websockets {

bool connection::begin_send(send_operation& operation) {
  try {
    const auto now = state();
    require_state(
        (now == websocket_state::open || now == websocket_state::close_received) && !close_sent_,
        "Open, CloseReceived");
  } catch (...) {
    operation.exception_ = std::current_exception();
    return true;
  }
  if (!first_send_ && !congested()) {
    encode(operation);
    if (!congested()) return true;
  }
  operation.next_ = nullptr;
  const bool blocks = !first_send_;
  (last_send_ ? last_send_->next_ : first_send_) = &operation;
  last_send_ = &operation;
  if (blocks) limit_sending();
  stream_->notify_drained(settings_.options->send_high_water_mark);
  return false;
}

void connection::encode(send_operation& operation) {
  operation.encoded_ = true;
  const bool first = !fragment_open_;
  if (first) {
    raw_wanted_ = operation.options_.disable_compression;
    compressing_ = is_worth_compressing(operation);
  } else if (raw_wanted_ != operation.options_.disable_compression) {
    operation.exception_ = std::make_exception_ptr(std::invalid_argument(
        "The compression options for a continuation cannot be different than the options used to "
        "send the first fragment of the message."));
    return;
  }
  const bool last = operation.options_.end_of_message;
  fragment_open_ = !last;
  auto code = operation.type_ == websocket_message_type::text ? opcode::text : opcode::binary;
  if (!first) code = opcode::continuation;
  if (compressing_) {
    const auto compressed = compress(operation.data_, last);
    // Without context takeover the peer does not miss what it was not shown.
    const bool pays = compressed.size() < operation.data_.size() || !first || !last ||
                      settings_.deflate->server_context_takeover;
    if (pays) {
      stream_->write(encoded_header(code, last, compressed.size(), first).bytes(), compressed);
      return;
    }
  }
  stream_->write(encoded_header(code, last, operation.data_.size()).bytes(), operation.data_);
}

bool connection::is_worth_compressing(const send_operation& operation) const noexcept {
  if (!settings_.deflate || operation.options_.disable_compression) return false;
  if (!operation.options_.end_of_message) return true;
  constexpr std::size_t threshold_without_context = 1024;
  const auto threshold = settings_.options->compression_threshold.value_or(
      settings_.deflate->server_context_takeover ? 0 : threshold_without_context);
  return !operation.data_.empty() && operation.data_.size() >= threshold;
}

/// The payload of one frame, valid until the next call.
std::span<const std::byte> connection::compress(std::span<const std::byte> data,
                                                bool end_of_message) {
  auto& shared = loop_.state().local<codecs>();
  auto& output = shared.compressed();
  if (data.empty()) {
    // RFC 7692, section 7.2.3.6.
    if (end_of_message) output.push_back(std::byte{0});
  } else {
    if (!deflating_) deflating_ = shared.take_deflater(settings_.deflate->server_max_window_bits);
    deflating_->compress(data, end_of_message, output);
  }
  if (end_of_message && deflating_ && !settings_.deflate->server_context_takeover) {
    shared.give_back(std::move(deflating_));
  }
  return output;
}

void connection::on_drained() {
  if (std::exchange(pong_due_, false)) {
    write_control(opcode::pong, std::as_bytes(std::span(*latest_ping_)));
  }
  continue_sends();
}

void connection::continue_sends() {
  while (stream_ && first_send_) {
    if (congested()) {
      stream_->notify_drained(settings_.options->send_high_water_mark);
      return;
    }
    auto& operation = *first_send_;
    if (!operation.encoded_) {
      encode(operation);
      continue;
    }
    first_send_ = operation.next_;
    if (!first_send_) last_send_ = nullptr;
    complete(operation);
  }
}

void connection::write_control(opcode code, std::span<const std::byte> payload) {
  stream_->write(encoded_header(code, true, payload.size()).bytes(), payload);
}

void connection::withdraw(send_operation& operation) noexcept {
  send_operation* before = nullptr;
  auto* each = first_send_;
  while (each && each != &operation) before = std::exchange(each, each->next_);
  if (!each) return;
  (before ? before->next_ : first_send_) = operation.next_;
  if (last_send_ == each) last_send_ = before;
}

}  // namespace saker::websockets
