#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>

#include <saker/websocket/websocket.hpp>

#include "websocket/close_frame.hpp"

namespace saker::websockets {

/// Where a receive that waits wants the payload: a part of a message into its buffer, or a whole
/// message. (What nobody waits for goes into the inbox.)
class receive_sink {
 public:
  explicit receive_sink(receive_base& operation) noexcept : operation_(operation) {}

  bool takes_whole_message() const noexcept { return operation_.whole_message_; }
  receive_operation& part() const noexcept { return static_cast<receive_operation&>(operation_); }
  receive_message_operation& whole() const noexcept {
    return static_cast<receive_message_operation&>(operation_);
  }

  /// What it has so far.
  std::span<const std::byte> gathered() const noexcept {
    return takes_whole_message() ? whole().message_.bytes() : part().filled();
  }
  std::size_t room() const noexcept {
    if (takes_whole_message()) return std::numeric_limits<std::size_t>::max();
    return part().left().size();
  }
  /// An empty buffer: it waits for data and takes none.
  bool only_waits() const noexcept { return !takes_whole_message() && part().buffer_.empty(); }

  /// Returns room for that many bytes, which the caller fills. No more than `room`.
  std::span<std::byte> extend(std::size_t bytes) const {
    operation_.has_data_ = true;
    if (takes_whole_message()) return whole().message_.extend(bytes);
    const auto target = part().left().first(bytes);
    part().count_ += bytes;
    return target;
  }
  /// Says what it has got: the end of a frame, or of the message. Returns whether that is all that
  /// it waits for.
  bool end_frame(websocket_message_type type, bool end_of_message) const noexcept {
    operation_.has_data_ = true;
    if (takes_whole_message()) {
      whole().message_.set_type(type);
      return end_of_message;
    }
    fill(type, end_of_message);
    return true;
  }
  /// The same of a part, within a frame as well.
  void fill(websocket_message_type type, bool end_of_message) const noexcept {
    part().type_ = type;
    part().end_of_message_ = end_of_message;
  }
  /// The peer's Close has come, and nothing of a message.
  void show(const close_payload& close) const {
    if (takes_whole_message()) {
      whole().message_ = {};
    } else {
      part().count_ = 0;
      fill(websocket_message_type::close, true);
      part().close_ = std::make_unique<close_payload>(close);
    }
  }

 private:
  receive_base& operation_;
};

}  // namespace saker::websockets
