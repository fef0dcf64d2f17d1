#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <utility>

#include "signalr/hub_protocol.hpp"
#include "signalr/outbox.hpp"

namespace saker::signalr {

/// A message for many clients: serialised and framed once for each protocol, by whoever is the
/// first to want it. Any thread.
class outgoing_message {
 public:
  explicit outgoing_message(hub_message message) : message_(std::move(message)) {}
  outgoing_message(const outgoing_message&) = delete;
  outgoing_message& operator=(const outgoing_message&) = delete;

  const hub_message& message() const noexcept { return message_; }

  const shared_message& bytes_for(const hub_protocol& protocol) const {
    auto& made = made_[protocol.format() == transfer_format::text ? 0 : 1];
    std::call_once(made.once, [&] {
      std::string text;
      protocol.write(message_, text);
      made.bytes = share(std::as_bytes(std::span(text)), protocol.format() == transfer_format::text
                                                             ? websocket_message_type::text
                                                             : websocket_message_type::binary);
    });
    return made.bytes;
  }

 private:
  struct once_made {
    std::once_flag once;
    shared_message bytes;
  };

  hub_message message_;
  mutable std::array<once_made, 2> made_;
};

}  // namespace saker::signalr
