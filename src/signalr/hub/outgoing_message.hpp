#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saker/signalr/protocol/encoded_values.hpp>
#include <saker/signalr/protocol/hub_message.hpp>

#include "signalr/hub/hub_protocols.hpp"
#include "signalr/transports/outbox.hpp"

namespace saker::signalr {

/// As the protocol's messages are sent.
shared_message share(std::string_view framed, const hub_protocol& protocol);

/// A message for many clients: framed once for each protocol, by whoever is the
/// first to want it; or come like that from another server. Any thread.
class outgoing_message {
 public:
  /// The hub has so many protocols.
  outgoing_message(hub_message message, detail::encoded_values value, std::size_t protocols)
      : message_(std::move(message)),
        value_(std::move(value)),
        made_(std::make_unique<once_made[]>(protocols)) {}
  /// Ready for each of the hub's protocols; null: there is no form for that.
  explicit outgoing_message(std::vector<shared_message> ready) : ready_(std::move(ready)) {}
  outgoing_message(const outgoing_message&) = delete;
  outgoing_message& operator=(const outgoing_message&) = delete;

  const hub_message& message() const noexcept { return message_; }
  /// The bytes that it takes, about, while it waits.
  std::size_t cost() const noexcept {
    std::size_t bytes = message_.target.size() + value_.size();
    for (const auto& each : ready_) {
      if (each) bytes += each->frame().size();
    }
    return bytes;
  }

  /// Null: there is none. Throws what the protocol throws.
  const shared_message& bytes_for(const spoken_protocol& protocol) const {
    if (!made_) return ready_[protocol.place];
    auto& made = made_[protocol.place];
    const auto* const value = value_.in(protocol.how->values());
    // It has been sent before there was a client of that protocol.
    if (!value) return made.bytes;
    std::call_once(made.once, [&] { made.bytes = framed(*protocol.how, *value); });
    return made.bytes;
  }

 private:
  struct once_made {
    std::once_flag once;
    shared_message bytes;
  };

  shared_message framed(const hub_protocol& protocol, const std::string& value) const;

  hub_message message_;
  detail::encoded_values value_;
  const std::unique_ptr<once_made[]> made_;
  const std::vector<shared_message> ready_;
};

}  // namespace saker::signalr
