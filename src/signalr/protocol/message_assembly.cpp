#include "signalr/protocol/message_assembly.hpp"

#include <functional>
#include <stdexcept>

namespace saker::signalr {
namespace {

bool is_within(const hub_protocol::frame& frame, std::string_view data) noexcept {
  const std::less_equal<const char*> before;
  return frame.size != 0 && frame.size <= data.size() &&
         before(data.data(), frame.payload.data()) &&
         before(frame.payload.data() + frame.payload.size(), data.data() + frame.size);
}

}  // namespace

void message_assembly::feed(std::string_view piece) {
  if (kept_.empty()) {
    rest_ = piece;
  } else {
    rest_ = kept_.append(piece);
  }
}

std::optional<std::string_view> message_assembly::next(const hub_protocol& protocol) {
  const auto frame = protocol.next_frame(rest_, looked_through_);
  if (frame && !is_within(*frame, rest_)) {
    throw std::logic_error("The protocol '" + std::string(protocol.name()) +
                           "' has found a message that is not within its input.");
  }
  const auto size = frame ? frame->size : rest_.size();
  if (size > most_) {
    // The text that clients of ASP.NET Core are told.
    throw protocol_error("The maximum message size of " + std::to_string(most_) +
                         "B was exceeded. The message size can be configured in AddHubOptions.");
  }
  if (!frame) {
    looked_through_ = rest_.size();
    return std::nullopt;
  }
  looked_through_ = 0;
  rest_.remove_prefix(frame->size);
  return frame->payload;
}

void message_assembly::keep() {
  if (rest_.empty()) {
    clear();
  } else if (kept_.empty()) {
    kept_.assign(rest_);
  } else {
    // What is behind a whole message came with the last piece: that is all that moves.
    kept_.erase(0, kept_.size() - rest_.size());
  }
  rest_ = kept_;
}

void message_assembly::clear() noexcept {
  kept_ = std::string();  // An idle connection holds no memory for it.
  rest_ = {};
  looked_through_ = 0;
}

}  // namespace saker::signalr
