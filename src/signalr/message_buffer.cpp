#include "signalr/message_buffer.hpp"

#include <utility>

namespace saker::signalr {

void message_buffer::add(shared_message message) {
  bytes_ += message->payload().size();
  messages_.push_back(std::move(message));
}

shared_message message_buffer::next() {
  // One that finds the buffer below its limit may go beyond it.
  if (sent_ == messages_.size() || sent_bytes_ >= limit_) return nullptr;
  const auto& message = messages_[sent_++];
  sent_bytes_ += message->payload().size();
  return message;
}

void message_buffer::acknowledge(std::int64_t number) {
  while (sent_ != 0 && first_ <= number) {
    const auto size = messages_.front()->payload().size();
    messages_.pop_front();
    bytes_ -= size;
    sent_bytes_ -= size;
    --sent_;
    ++first_;
  }
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

std::int64_t message_buffer::take_ack() noexcept {
  if (acknowledged_ == processed_) return 0;
  return acknowledged_ = processed_;
}

}  // namespace saker::signalr
