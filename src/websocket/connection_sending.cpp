#include <algorithm>
#include <stdexcept>
#include <utility>

#include "websocket/codecs.hpp"
#include "websocket/connection.hpp"
#include "websocket/group_bucket.hpp"

namespace saker::websockets {

// Operations of `send`.

bool connection::begin_send(send_operation& operation) {
  try {
    const auto now = state();
    require_state(
        (now == websocket_state::open || now == websocket_state::close_received) && can_send(),
        "Open, CloseReceived");
  } catch (...) {
    operation.exception_ = std::current_exception();
    return true;
  }
  if (memberships_) settle_groups();
  if (settings_.options->overflow_policy != websocket_overflow_policy::wait) {
    if (!make_room_for(operation)) return true;
    encode(operation);
    return true;
  }
  if (sends_.empty() && !congested()) {
    encode(operation);
    if (!congested()) return true;
  }
  const bool blocks = sends_.empty();
  sends_.push(operation);
  if (blocks) limit_sending();
  stream_->notify_drained(settings_.options->send_high_water_mark);
  return false;
}

/// Whether a send that does not wait may be queued; the fragments of a message share their fate.
bool connection::make_room_for(send_operation& operation) {
  const bool first = !fragment_open_ && !dropping_;
  if (first && !has_room_for(operation.size())) {
    overflow();
    if (loss_) {
      operation.exception_ = loss();
      return false;
    }
    dropping_ = true;
  }
  if (!dropping_) return true;
  operation.sent_ = false;
  if (operation.options_.end_of_message) dropping_ = false;
  return false;
}

bool connection::fits(std::size_t before, std::size_t bytes) const noexcept {
  const auto& options = *settings_.options;
  return before < options.send_high_water_mark || before + bytes <= options.send_buffer_limit;
}

bool connection::has_room_for(std::size_t bytes) const noexcept {
  return fits(noted_queued(), bytes);
}

/// A message finds no room: it is dropped, or the socket ends.
void connection::overflow() {
  count_dropped();
  if (settings_.options->overflow_policy == websocket_overflow_policy::close) end_overflowing();
}

void connection::end_overflowing() {
  if (!can_send()) return;
  fail(websocket_close_status::policy_violation,
       "More bytes wait for the WebSocket's peer than send_buffer_limit allows.");
}

void connection::encode(send_operation& operation) {
  operation.encoded_ = true;
  if (operation.prepared_) {
    operation.sent_ = send_prepared(*operation.prepared_);
    return;
  }
  if (fragment_open_ && raw_wanted_ != operation.options_.disable_compression) {
    operation.exception_ = std::make_exception_ptr(std::invalid_argument(
        "The compression options for a continuation cannot be different than the options used to "
        "send the first fragment of the message."));
    return;
  }
  write_message(operation.data_, operation.type_, operation.options_);
}

void connection::continue_sends() {
  while (can_send() && !sends_.empty()) {
    if (congested()) {
      stream_->notify_drained(settings_.options->send_high_water_mark);
      return;
    }
    auto& operation = static_cast<send_operation&>(sends_.front());
    if (!operation.encoded_) {
      encode(operation);
    } else {
      complete(sends_.pop());
    }
  }
}

void connection::withdraw(send_operation& operation) noexcept {
  sends_.erase(operation);
  completed_.erase(operation);
}

void connection::on_drained() {
  if (std::exchange(pong_due_, false) && can_send()) {
    write_control(opcode::pong, std::as_bytes(std::span(*latest_ping_)));
  }
  continue_sends();
}

// Sends that never wait.

bool connection::try_send(std::span<const std::byte> data, websocket_message_type type,
                          bool disable_compression, bool reserved) {
  if (!accept_now(data.size(), reserved)) return false;
  if (fragment_open_) {
    return defer(std::make_shared<const prepared>(data, type, disable_compression));
  }
  write_message(data, type, {.disable_compression = disable_compression});
  return true;
}

bool connection::try_send(const std::shared_ptr<const prepared>& message, bool reserved) {
  return accept_now(message->payload().size(), reserved) && send_prepared(message);
}

bool connection::accept_now(std::size_t bytes, bool reserved) {
  if (!can_send()) return false;
  if (memberships_) settle_groups();
  // What was promised on another thread is kept, but for the policy that ends the socket instead.
  if (reserved && settings_.options->overflow_policy != websocket_overflow_policy::close) {
    return true;
  }
  if (has_room_for(bytes)) return true;
  overflow();
  return false;
}

bool connection::reserve(std::size_t bytes) noexcept {
  const auto now = state();
  if (now != websocket_state::open && now != websocket_state::close_received) return false;
  const auto before = noted_queued() + posted_.fetch_add(cost_of(bytes));
  if (fits(before, bytes)) return true;
  release(bytes);
  count_dropped();
  if (settings_.options->overflow_policy == websocket_overflow_policy::close &&
      !overflow_posted_.exchange(true)) {
    loop_.post([self = shared_from_this()] { self->end_overflowing(); });
  }
  return false;
}

/// Between the fragments of another message there is no place for this one. False: too much waits
/// for the last of them.
bool connection::defer(std::shared_ptr<const prepared> message) {
  if (!deferred_) deferred_ = std::make_unique<deferred_messages>();
  const auto bytes = deferred_->bytes + cost_of(message->frame().size());
  if (deferred_->bytes != 0 && bytes > settings_.options->send_buffer_limit) {
    count_dropped();
    return false;
  }
  deferred_->bytes = bytes;
  deferred_->messages.push_back(std::move(message));
  return true;
}

bool connection::send_prepared(const std::shared_ptr<const prepared>& message) {
  if (fragment_open_) return defer(message);
  write_prepared(*message);
  return true;
}

/// As for all who send the same: compressed once, it pays at any size.
std::span<const std::byte> connection::frame_of(const prepared& message) const {
  if (!settings_.deflate || !message.may_be_compressed()) return message.frame();
  return message.compressed_frame(settings_.deflate->server_max_window_bits);
}

std::size_t connection::frame_variant() const noexcept {
  return settings_.deflate ? settings_.deflate->server_max_window_bits - 8U : 0U;
}

void connection::write_prepared(const prepared& message) {
  const auto frame = frame_of(message);
  ++counters_.frames_sent;
  counters_.bytes_sent.add(frame.size());
  if (frame.data() != message.frame().data()) {
    // What the peer inflates now is missing in the context of the compressor.
    context_stale_ = true;
    counters_.compressed_bytes_sent.add(frame.size());
    counters_.uncompressed_bytes_sent.add(message.payload().size());
  }
  stream_->write(frame.first(0), frame);
}

// Groups.

bool connection::join(group_bucket& group, std::size_t place) {
  if (!can_send() || place_in(group)) return false;
  if (!memberships_) memberships_ = std::make_unique<memberships>();
  memberships_->emplace(&group, membership{group.shared_from_this(), place});
  return true;
}

std::optional<std::size_t> connection::place_in(const group_bucket& group) const noexcept {
  if (!memberships_) return std::nullopt;
  const auto found = memberships_->find(&group);
  if (found == memberships_->end()) return std::nullopt;
  return found->second.place;
}

void connection::move_in(const group_bucket& group, std::size_t place) noexcept {
  memberships_->find(&group)->second.place = place;
}

void connection::forget(const group_bucket& group) noexcept {
  memberships_->erase(&group);
  if (memberships_->empty()) memberships_.reset();
}

void connection::leave_groups() noexcept {
  const auto left = std::move(memberships_);
  if (!left) return;
  for (const auto& [bucket, each] : *left) each.group->leave(each.place);
}

/// What was broadcast comes before what is sent now. One bucket of a loop gathers at a time.
void connection::settle_groups() {
  auto* const gathering = group_bucket::gathering_on(loop_);
  if (!gathering) return;
  if (const auto place = place_in(*gathering)) gathering->settle(*place);
}

bool connection::send_batch(std::span<const std::byte> frames, std::size_t count,
                            std::size_t compressed, std::size_t uncompressed) {
  if (fragment_open_ || !has_room_for(frames.size())) return false;
  counters_.frames_sent.add(count);
  counters_.bytes_sent.add(frames.size());
  if (compressed != 0) {
    context_stale_ = true;
    counters_.compressed_bytes_sent.add(compressed);
    counters_.uncompressed_bytes_sent.add(uncompressed);
  }
  stream_->write_through(frames);
  return true;
}

bool connection::send_shared(const std::shared_ptr<const prepared>& message) {
  return has_room_for(message->payload().size()) && send_prepared(message);
}

// Frames.

/// A whole message, or a fragment of one.
void connection::write_message(std::span<const std::byte> data, websocket_message_type type,
                               const websocket_send_options& options) {
  const bool first = !fragment_open_;
  const bool last = options.end_of_message;
  if (first && last && !settings_.deflate) {
    const auto code = type == websocket_message_type::text ? opcode::text : opcode::binary;
    write_frame(encoded_header(code, true, data.size()), data);
    return;
  }
  if (first) {
    raw_wanted_ = options.disable_compression;
    compressing_ = is_worth_compressing(data.size(), options);
  }
  fragment_open_ = !last;
  auto code = type == websocket_message_type::text ? opcode::text : opcode::binary;
  if (!first) code = opcode::continuation;
  if (!compressing_ || !write_compressed(data, code, first, last)) {
    write_frame(encoded_header(code, last, data.size()), data);
  }
  if (last && deferred_) {
    const auto deferred = std::move(deferred_);
    for (const auto& each : deferred->messages) write_prepared(*each);
  }
}

/// False: the message is not worth it.
bool connection::write_compressed(std::span<const std::byte> data, opcode code, bool first,
                                  bool last) {
  const auto compressed = compress(data, last);
  // Without context takeover the peer does not miss what it was not shown.
  const bool pays = compressed.size() < data.size() || !first || !last ||
                    settings_.deflate->server_context_takeover;
  if (!pays) return false;
  counters_.compressed_bytes_sent.add(compressed.size());
  counters_.uncompressed_bytes_sent.add(data.size());
  write_frame(encoded_header(code, last, compressed.size(), first), compressed);
  return true;
}

std::size_t connection::compression_threshold() const noexcept {
  constexpr std::size_t without_context = 1024;
  return settings_.options->compression_threshold.value_or(
      settings_.deflate->server_context_takeover ? 0 : without_context);
}

bool connection::is_worth_compressing(std::size_t size,
                                      const websocket_send_options& options) const noexcept {
  if (!settings_.deflate || options.disable_compression) return false;
  if (!options.end_of_message) return true;
  return size != 0 && size >= compression_threshold();
}

/// The payload of one frame, valid until the next call.
std::span<const std::byte> connection::compress(std::span<const std::byte> data,
                                                bool end_of_message) {
  const auto& agreed = *settings_.deflate;
  auto& shared = loop_.state().local<codecs>();
  auto& output = shared.compressed();
  if (data.empty()) {
    // RFC 7692, section 7.2.3.6.
    if (end_of_message) output.push_back(std::byte{0});
  } else {
    if (!deflating_) {
      deflating_ = agreed.server_context_takeover
                       ? std::make_unique<deflater>(agreed.server_max_window_bits)
                       : shared.take_deflater(agreed.server_max_window_bits);
    } else if (context_stale_) {
      deflating_->reset(agreed.server_max_window_bits);
    }
    context_stale_ = false;
    deflating_->compress(data, end_of_message, output);
  }
  if (end_of_message && deflating_ && !agreed.server_context_takeover) {
    shared.give_back(std::move(deflating_));
  }
  return output;
}

void connection::write_frame(const encoded_header& header, std::span<const std::byte> payload) {
  ++counters_.frames_sent;
  counters_.bytes_sent.add(header.bytes().size() + payload.size());
  stream_->write(header.bytes(), payload);
}

void connection::write_control(opcode code, std::span<const std::byte> payload) {
  write_frame(encoded_header(code, true, payload.size()), payload);
}

}  // namespace saker::websockets
