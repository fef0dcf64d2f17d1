#include "signalr/hub/outgoing_message.hpp"

#include <span>

namespace saker::signalr {

shared_message share(std::string_view framed, const hub_protocol& protocol) {
  return share(std::as_bytes(std::span(framed)), protocol.format() == transfer_format::text
                                                     ? websocket_message_type::text
                                                     : websocket_message_type::binary);
}

shared_message outgoing_message::framed(const hub_protocol& protocol,
                                        const std::string& value) const {
  auto message = message_;
  message.value = value;
  std::string text;
  protocol.write(message, text);
  return share(text, protocol);
}

}  // namespace saker::signalr
