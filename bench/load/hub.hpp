#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "arguments.hpp"

namespace saker_load {

/// What a SignalR hub is sent, and what comes back, in the chosen protocol.
struct hub_messages {
  std::string request;  ///< An invocation: `Echo`, or `Broadcast` when broadcasting.
  std::string answer;   ///< Its completion, or what `Broadcast` sends to all others.
};

/// The argument has `size` bytes.
hub_messages make_hub_messages(const arguments& options);

/// A frame with an invocation; an empty id: no answer is wanted. At most 15 values.
std::string hub_call(const arguments& options, const std::string& id, const std::string& method,
                     const std::vector<std::string>& values);
/// The argument of those messages.
std::string hub_argument(const arguments& options);

/// The frame that says which protocol is spoken.
std::string hub_handshake(hub_protocol protocol);

/// Whether the server's answer to it has come, and nothing else. Throws `load_error` when it
/// refuses.
bool is_hub_ready(std::string_view answer);

}  // namespace saker_load
