#include "signalr/transports/message_buffer.hpp"

#include <utility>

namespace saker::signalr {

void message_buffer::add(shared_message message) {
  bytes_ += outbox::cost_of(message->payload().size());
  messages_.push_back(std::move(message));
  counted_.set(messages_.size() * sizeof(shared_message));
}

shared_message message_buffer::next() {
  // One that finds the buffer below its limit may go beyond it.
  if (sent_ == messages_.size() || sent_bytes_ >= limit_) return nullptr;
  const auto& message = messages_[sent_++];
  sent_bytes_ += outbox::cost_of(message->payload().size());
  return message;
}

bool message_buffer::acknowledge(std::int64_t number) {
  const auto before = first_;
  while (sent_ != 0 && first_ <= number) {
    const auto cost = outbox::cost_of(messages_.front()->payload().size());
    messages_.pop_front();
    bytes_ -= cost;
    sent_bytes_ -= cost;
    --sent_;
    ++first_;
  }
  counted_.set(messages_.size() * sizeof(shared_message));
  return first_ != before;
}

std::int64_t message_buffer::begin_anew() {
  sent_ = 0;
  sent_bytes_ = 0;
  return first_;
}

bool message_buffer::should_process() noexcept {
  const auto number = next_received_++;
  if (number <= processed_) return false;
  processed_ = number;
  return true;
}

bool message_buffer::resume_at(std::int64_t number) noexcept {
  if (number > processed_ + 1) return false;
  next_received_ = number;
  return true;
}

std::int64_t message_buffer::take_ack(std::size_t waiting) noexcept {
  const auto handled = processed_ - static_cast<std::int64_t>(waiting);
  if (handled <= acknowledged_) return 0;
  return acknowledged_ = handled;
}

}  // namespace saker::signalr
