#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <saker/signalr/json.hpp>

namespace saker::signalr {

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

/// A message of the hub protocol. What a type has no use for is empty.
struct hub_message {
  message_type type = message_type::ping;
  std::map<std::string, std::string> headers = {};
  std::string invocation_id = {};  ///< Empty: none.
  std::string target = {};
  json value = {};  ///< Arguments (an array), item or result.
  bool has_result = false;
  std::optional<std::string> error = {};
  std::vector<std::string> stream_ids = {};
  bool allow_reconnect = false;
  std::int64_t sequence_id = 0;

  /// Counted by stateful reconnect.
  bool is_counted() const noexcept { return type <= message_type::cancel_invocation; }
};

}  // namespace saker::signalr
