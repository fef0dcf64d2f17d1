#include "signalr/transports/shared_message.hpp"

#include "signalr/transports/outbox.hpp"
#include "signalr/waiting_bytes.hpp"

namespace saker::signalr {
namespace {

struct waiting_message : websockets::prepared {
  waiting_message(std::span<const std::byte> data, websocket_message_type type)
      : prepared(data, type, true), counted(outbox::cost_of(data.size())) {}
  const waiting_bytes counted;
};

}  // namespace

shared_message share(std::span<const std::byte> data, websocket_message_type type) {
  return std::make_shared<const waiting_message>(data, type);
}

}  // namespace saker::signalr
