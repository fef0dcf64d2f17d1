#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <utility>

#include "signalr/cost.hpp"
#include "signalr/hub_protocol.hpp"
#include "signalr/outbox.hpp"

namespace saker::signalr {

/// A message for many clients: serialised and framed once for each protocol, by whoever is the
/// first to want it; or come like that from another server. Any thread.
class outgoing_message {
 public:
  explicit outgoing_message(hub_message message) : message_(std::move(message)) {}
  /// Ready for clients of these protocols; null: there is no form for them.
  outgoing_message(shared_message text, shared_message binary)
      : made_{once_made{{}, std::move(text)}, once_made{{}, std::move(binary)}}, is_made_(true) {}
  outgoing_message(const outgoing_message&) = delete;
  outgoing_message& operator=(const outgoing_message&) = delete;

  const hub_message& message() const noexcept { return message_; }
  /// The bytes that it takes, about, while it waits.
  std::size_t cost() const noexcept {
    if (!is_made_) return message_.target.size() + cost_of(message_.value);
    std::size_t bytes = 0;
    for (const auto& each : made_) {
      if (each.bytes) bytes += each.bytes->frame().size();
    }
    return bytes;
  }

  /// Null: there is none.
  const shared_message& bytes_for(const hub_protocol& protocol) const {
    auto& made = made_[protocol.format() == transfer_format::text ? 0 : 1];
    if (is_made_) return made.bytes;
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
  bool is_made_ = false;
};

}  // namespace saker::signalr
