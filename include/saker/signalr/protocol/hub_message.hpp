#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::signalr {

/// Names the types of messages, with the numbers of SignalR's hub protocol.
enum class message_type : std::uint8_t {
  invocation = 1,
  stream_item = 2,
  completion = 3,
  stream_invocation = 4,
  cancel_invocation = 5,
  ping = 6,
  close = 7,
  ack = 8,
  sequence = 9,
};

/// Holds a message of the hub protocol, as a `hub_protocol` reads and writes it. Members that a
/// type does not use have no meaning.
///
/// Example:
/// ```cpp
/// signalr::hub_message message{.type = signalr::message_type::invocation, .target = "Send"};
/// message.own_value(R"(["anna","Hello"])", 3);
/// std::string bytes;
/// signalr::json_protocol().write(message, bytes);
/// ```
struct hub_message {
  message_type type = message_type::ping;
  std::map<std::string, std::string> headers = {};
  std::string invocation_id = {};  ///< Empty: none.
  std::string target = {};
  /// Arguments (an array, else the call fails), item or result, in the format of the protocol's
  /// `values`: a view into the payload that was read, or into `value_owner`.
  std::string_view value = {};
  /// Set if `value` is not a part of the payload.
  std::shared_ptr<const std::string> value_owner = {};
  /// The number of values and keys in it, at every depth, as counted by
  /// `value_reader::skipped_values`: the memory that a call takes is estimated from it.
  std::size_t value_count = 0;
  bool has_result = false;
  std::optional<std::string> error = {};
  std::vector<std::string> stream_ids = {};
  bool allow_reconnect = false;
  std::int64_t sequence_id = 0;

  /// Replaces the value with one that the message owns.
  void own_value(std::string bytes, std::size_t count) {
    value_owner = std::make_shared<const std::string>(std::move(bytes));
    value = *value_owner;
    value_count = count;
  }
  /// Returns true if stateful reconnect counts the message.
  bool is_counted() const noexcept { return type <= message_type::cancel_invocation; }
};

}  // namespace saker::signalr
