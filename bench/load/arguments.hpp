#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace saker_load {

enum class mode { echo, idle, churn, broadcast };

/// What the client offers, and the server has to agree to.
enum class compression { none, no_takeover, takeover };

/// What is spoken to a SignalR hub.
enum class hub_protocol { none, json, messagepack };

/// What a hub's method takes and returns: a text, a struct of eight members, or 100 integers.
enum class hub_value { text, structure, numbers };

/// Where the server listens: an IPv4 address and the path of the WebSocket.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;
  std::string path;
};

struct arguments {
  saker_load::mode mode = mode::echo;
  endpoint url;
  std::vector<endpoint> urls;  ///< In broadcast: all; `url` is the first.
  std::size_t connections = 100;
  std::size_t size = 64;
  std::size_t depth = 1;
  double seconds = 4;
  double warmup = 1;
  std::size_t rounds = 4;
  std::size_t concurrency = 500;
  pid_t pid = 0;
  std::vector<pid_t> pids;  ///< In broadcast: all; `pid` is the first.
  pid_t redis_pid = 0;
  bool each_sends = false;
  std::size_t groups = 0;
  bool raw = false;
  bool text = false;
  bool tls = false;
  bool http2 = false;
  bool attack = false;
  std::size_t streams = 1;
  compression deflate = compression::none;
  std::size_t burst = 1;
  hub_protocol hub = hub_protocol::none;
  hub_value value = hub_value::text;
  bool bare = false;
};

/// Throws `usage_error`, whose text names the option, the value and what is allowed.
arguments parse_arguments(int argc, char** argv);

extern const char* const usage;

}  // namespace saker_load
