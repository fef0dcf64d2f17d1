#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// What servers tell each other through Redis, as MessagePack: byte for byte what
// Microsoft.AspNetCore.SignalR.StackExchangeRedis sends. Reading throws protocol_error where items
// are missing or of another type; items that are too many are ignored.

namespace saker::signalr::backplane {

/// A message for the clients of a channel.
struct invocation {
  std::vector<std::string> excluded = {};  ///< Connections that do not get it.
  /// By the name of the hub protocol: the bytes that its clients get, framed.
  std::map<std::string, std::string> messages = {};
  // Empty, but for a question whose answer is awaited.
  std::string invocation_id = {};
  std::string return_channel = {};
  /// Who has sent it, where that server wants to know its own messages again: an item more, which
  /// ASP.NET Core skips.
  std::string origin = {};
};

enum class group_action : std::uint8_t { add = 1, remove = 2 };

/// Asks the server that has the connection to change its groups.
struct group_command {
  std::int32_t id = 0;
  std::string server;  ///< Who waits for the acknowledgement.
  group_action action = group_action::add;
  std::string group;
  std::string connection_id;
};

/// The answer to a question, on its way to the server that waits.
struct completion {
  std::string protocol;
  std::string message;  ///< Framed, as the client's protocol writes it.
};

std::string write(const invocation& message);
std::string write(const group_command& command);
std::string write(const completion& answer);
std::string write_ack(std::int32_t id);

invocation read_invocation(std::string_view payload);
group_command read_group_command(std::string_view payload);
completion read_completion(std::string_view payload);
std::int32_t read_ack(std::string_view payload);

/// Whether `write` has made it with that origin, told without reading it.
bool is_from(std::string_view payload, std::string_view origin) noexcept;

}  // namespace saker::signalr::backplane
