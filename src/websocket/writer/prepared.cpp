#include "websocket/writer/prepared.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

#include <saker/websocket/prepared_message.hpp>

#include "websocket/deflate/deflater.hpp"
#include "websocket/frame.hpp"

namespace saker {
namespace websockets {
namespace {

opcode code_of(websocket_message_type type) {
  return type == websocket_message_type::text ? opcode::text : opcode::binary;
}

std::vector<std::byte> framed(const encoded_header& header, std::span<const std::byte> payload) {
  std::vector<std::byte> frame;
  frame.reserve(header.bytes().size() + payload.size());
  frame.insert(frame.end(), header.bytes().begin(), header.bytes().end());
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

}  // namespace

prepared::prepared(std::span<const std::byte> data, websocket_message_type type,
                   bool disable_compression)
    : type_(type), disable_compression_(disable_compression) {
  if (type == websocket_message_type::close) {
    throw std::invalid_argument("A prepared message is text or binary.");
  }
  const encoded_header header(code_of(type), true, data.size());
  header_size_ = header.bytes().size();
  frame_ = framed(header, data);
}

prepared::~prepared() {
  for (auto& each : compressed_) delete each.load();
}

std::span<const std::byte> prepared::compressed_frame(int window_bits) const {
  auto& slot = compressed_[static_cast<std::size_t>(window_bits - least_window_bits)];
  if (const auto* const made = slot.load(std::memory_order_acquire)) return *made;
  auto own = std::make_unique<const bytes>(make_compressed(window_bits));
  const bytes* first = nullptr;
  if (slot.compare_exchange_strong(first, own.get(), std::memory_order_acq_rel)) {
    return *own.release();
  }
  return *first;  // Another thread was faster.
}

prepared::bytes prepared::make_compressed(int window_bits) const {
  bytes compressed;
  if (!payload().empty()) {
    deflater(window_bits).compress(payload(), true, compressed);
    if (compressed.size() < payload().size()) {
      return framed(encoded_header(code_of(type_), true, compressed.size(), true), compressed);
    }
  }
  return frame_;
}

}  // namespace websockets

websocket_prepared_message::websocket_prepared_message(std::string_view text,
                                                       bool disable_compression)
    : websocket_prepared_message(std::as_bytes(std::span(text)), websocket_message_type::text,
                                 disable_compression) {}

websocket_prepared_message::websocket_prepared_message(std::span<const std::byte> data,
                                                       websocket_message_type type,
                                                       bool disable_compression)
    : shared_(std::make_shared<const websockets::prepared>(data, type, disable_compression)) {}

std::span<const std::byte> websocket_prepared_message::bytes() const noexcept {
  return shared_->payload();
}

websocket_message_type websocket_prepared_message::type() const noexcept { return shared_->type(); }

}  // namespace saker
