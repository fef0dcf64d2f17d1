#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "signalr/transports/outbox.hpp"
#include "signalr/waiting_bytes.hpp"

namespace saker::signalr {

/// Keeps messages of a client that must wait while those behind them are read. Takes no memory
/// while it is empty.
class held_messages {
 public:
  bool is_empty() const noexcept { return !held_; }
  std::size_t count() const noexcept { return held_ ? held_->messages.size() : 0; }
  std::size_t bytes() const noexcept { return held_ ? held_->bytes.bytes() : 0; }

  void push(std::string_view payload) {
    if (!held_) held_ = std::make_unique<contents>();
    held_->messages.emplace_back(payload);
    held_->bytes.set(held_->bytes.bytes() + outbox::cost_of(payload.size()));
  }
  /// There must be one.
  const std::string& front() const noexcept { return held_->messages.front(); }
  void pop() noexcept {
    auto& messages = held_->messages;
    held_->bytes.set(held_->bytes.bytes() - outbox::cost_of(messages.front().size()));
    messages.pop_front();
    if (messages.empty()) clear();
  }
  void clear() noexcept { held_.reset(); }

 private:
  struct contents {
    std::list<std::string> messages;
    waiting_bytes bytes;
  };

  std::unique_ptr<contents> held_;  ///< Null: nothing.
};

}  // namespace saker::signalr
