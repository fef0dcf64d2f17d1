#include "websocket/deflate/codecs.hpp"
#include "websocket/socket_core.hpp"
#include "websocket/writer/message_writer.hpp"

namespace saker::websockets {
namespace {

opcode opcode_of(websocket_message_type type) noexcept {
  return type == websocket_message_type::text ? opcode::text : opcode::binary;
}

bool is_worth_compressing(std::size_t size, const deflate_parameters& agreed,
                          const websocket_options& options) noexcept {
  constexpr std::size_t without_context = 1024;
  const std::size_t threshold = agreed.server_context_takeover ? 0 : without_context;
  return size != 0 && size >= options.compression_threshold.value_or(threshold);
}

}  // namespace

void message_writer::write_message(std::span<const std::byte> data, websocket_message_type type,
                                   const websocket_send_options& options) {
  if (has_open_message() || !options.end_of_message) {
    write_fragment(data, type, options);
    return;
  }
  const auto& agreed = socket_.deflate();
  const bool compresses = agreed && !options.disable_compression &&
                          is_worth_compressing(data.size(), *agreed, socket_.options());
  if (compresses && write_compressed(data, opcode_of(type), true, true)) return;
  write_frame(encoded_header(opcode_of(type), true, data.size()), data);
}

void message_writer::write_fragment(std::span<const std::byte> data, websocket_message_type type,
                                    const websocket_send_options& options) {
  const bool first = !has_open_message();
  const bool last = options.end_of_message;
  if (first) outgoing_ = options.disable_compression ? outgoing::raw : outgoing::compressible;
  const bool compresses = outgoing_ == outgoing::compressible && socket_.deflate();
  if (last) outgoing_ = outgoing::none;
  const auto code = first ? opcode_of(type) : opcode::continuation;
  if (!compresses || !write_compressed(data, code, first, last)) {
    write_frame(encoded_header(code, last, data.size()), data);
  }
  if (last) write_deferred();
}

/// False: the message is not worth it.
bool message_writer::write_compressed(std::span<const std::byte> data, opcode code, bool first,
                                      bool last) {
  const auto& agreed = *socket_.deflate();
  auto& shared = socket_.loop().state().local<codecs>();
  const auto compressed = deflating_.compress(agreed, shared, data, last);
  // Without context takeover the peer does not miss what it was not shown.
  const bool pays =
      compressed.size() < data.size() || !first || !last || agreed.server_context_takeover;
  if (!pays) return false;
  socket_.counts().compressed_bytes_sent.add(compressed.size());
  socket_.counts().uncompressed_bytes_sent.add(data.size());
  write_frame(encoded_header(code, last, compressed.size(), first), compressed);
  return true;
}

// Messages that were framed elsewhere.

/// As for all who send the same: compressed once, it pays at any size.
std::span<const std::byte> message_writer::frame_of(const prepared& message) const {
  const auto& agreed = socket_.deflate();
  if (!agreed || !message.may_be_compressed()) return message.frame();
  return message.compressed_frame(agreed->server_max_window_bits);
}

std::size_t message_writer::frame_variant() const noexcept {
  const auto& agreed = socket_.deflate();
  return agreed ? agreed->server_max_window_bits - 8U : 0U;
}

void message_writer::write_prepared(const prepared& message) {
  const auto frame = frame_of(message);
  const bool is_compressed = frame.data() != message.frame().data();
  count_foreign(frame.size(), 1, is_compressed ? frame.size() : 0, message.payload().size());
  socket_.stream()->write(frame.first(0), frame);
}

bool message_writer::send_batch(std::span<const std::byte> frames, std::size_t count,
                                std::size_t compressed, std::size_t uncompressed) {
  if (has_open_message() || !has_room_for(frames.size())) return false;
  count_foreign(frames.size(), count, compressed, uncompressed);
  socket_.stream()->write_through(frames);
  return true;
}

void message_writer::count_foreign(std::size_t bytes, std::size_t frames, std::size_t compressed,
                                   std::size_t uncompressed) noexcept {
  auto& counts = socket_.counts();
  counts.frames_sent.add(frames);
  counts.bytes_sent.add(bytes);
  if (compressed == 0) return;
  // What the peer inflates now is missing in the context of the compressor.
  deflating_.note_foreign_frame();
  counts.compressed_bytes_sent.add(compressed);
  counts.uncompressed_bytes_sent.add(uncompressed);
}

// Frames.

void message_writer::write_frame(const encoded_header& header, std::span<const std::byte> payload) {
  auto& counts = socket_.counts();
  ++counts.frames_sent;
  counts.bytes_sent.add(header.bytes().size() + payload.size());
  socket_.stream()->write(header.bytes(), payload);
}

void message_writer::write_control(opcode code, std::span<const std::byte> payload) {
  write_frame(encoded_header(code, true, payload.size()), payload);
}

void message_writer::answer_ping(std::span<const std::byte> payload) {
  if (!is_congested()) {
    write_control(opcode::pong, payload);
    return;
  }
  // A peer that pings but does not read gets one answer, to its latest ping (RFC 6455, 5.5.3).
  if (!unanswered_ping_) unanswered_ping_ = std::make_unique<std::string>();
  unanswered_ping_->assign(reinterpret_cast<const char*>(payload.data()), payload.size());
  await_room();
}

}  // namespace saker::websockets
