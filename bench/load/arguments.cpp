#include "arguments.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

#include "load_error.hpp"

namespace saker_load {

const char* const usage =
    R"(usage: saker-load <mode> --url ws://127.0.0.1:PORT/ws [options]      (or wss://, for TLS)

modes
  echo   messages per second, server CPU time per message, latency
  idle   resident bytes of the server per open connection
  churn  resident bytes and descriptors of the server after rounds of open, echo, close
  broadcast  server CPU time per delivery: one connection to PATH/../send sends, all others receive;
             on several servers of a hub: --url and --pid once for each, and the first is sent to

options
  --connections N  open connections; in churn, connections per round (100; 10000 in idle and churn)
  --size N         payload bytes of a message (64)
  --depth N        echo: messages in flight per connection (1)
  --seconds S      echo: measured time (4)
  --warmup S       echo: time before it (1)
  --rounds N       churn: rounds (4)
  --burst N        broadcast: messages that are sent at once (1)
  --deflate HOW    none, no-takeover or takeover: permessage-deflate, which the server has to agree
                   to and to use both ways; messages are JSON (none)
  --http2          echo, idle: over HTTP/2, by extended CONNECT
  --streams N      with --http2: WebSockets on each connection (1); idle: of --connections in all
  --attack         echo: one connection more opens and resets streams of HTTP/2 as fast as it can
  --hub HOW        echo, idle, broadcast: json or messagepack, the WebSocket is that of a SignalR hub,
                   whose Echo is invoked, and Broadcast; --size is that of the argument
  --each-sends     broadcast: one sender on each server, for the clients of that server alone
  --value WHAT     echo, with --hub json: what is echoed: text, struct (of eight members, EchoStruct) or
                   numbers (100 of them, EchoNumbers) (text)
  --groups N       broadcast, --hub: the clients are in so many groups, each on all servers, and messages go to
                   one group after the other
  --redis-pid PID  broadcast: also tells the CPU time of that process
  --bare           with --hub: the same bytes to a server that knows nothing of hubs
  --concurrency N  churn: connections at a time (500)
  --pid PID        the server's process; needed for all but messages per second
  --text           send text messages, not binary ones
  --raw            echo, idle: no WebSocket, the same number of bytes bare
)";

namespace {

template <class Number>
Number parse_number(std::string_view option, std::string_view value, Number least, Number most) {
  Number number{};
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < least ||
      number > most) {
    throw usage_error(std::string(option) + ": '" + std::string(value) + "' is not a number from " +
                      std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

endpoint parse_url(std::string_view url) {
  const auto refuse = [&] {
    return usage_error("--url: '" + std::string(url) + "' is not ws://ADDRESS:PORT/path");
  };
  auto rest = url;
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    const auto name = rest.substr(0, scheme);
    if (name != "ws" && name != "http" && name != "wss" && name != "https") throw refuse();
    rest.remove_prefix(scheme + 3);
  }
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = rest.substr(0, slash);
  const auto colon = authority.find(':');
  if (colon == std::string_view::npos) throw refuse();
  const auto host = authority.substr(0, colon);
  const auto path = rest.substr(slash);
  return {.host = std::string(host == "localhost" ? "127.0.0.1" : host),
          .port = parse_number<std::uint16_t>("--url", authority.substr(colon + 1), 1, 65535),
          .path = path.empty() ? "/" : std::string(path)};
}

mode parse_mode(std::string_view name) {
  if (name == "echo") return mode::echo;
  if (name == "idle") return mode::idle;
  if (name == "churn") return mode::churn;
  if (name == "broadcast") return mode::broadcast;
  throw usage_error("'" + std::string(name) + "' is not a mode: echo, idle, churn or broadcast");
}

compression parse_compression(std::string_view name) {
  if (name == "none") return compression::none;
  if (name == "no-takeover") return compression::no_takeover;
  if (name == "takeover") return compression::takeover;
  throw usage_error("--deflate: '" + std::string(name) + "' is not none, no-takeover or takeover");
}

hub_protocol parse_hub(std::string_view name) {
  if (name == "json") return hub_protocol::json;
  if (name == "messagepack") return hub_protocol::messagepack;
  throw usage_error("--hub: '" + std::string(name) + "' is not json or messagepack");
}

hub_value parse_value(std::string_view name) {
  if (name == "text") return hub_value::text;
  if (name == "struct") return hub_value::structure;
  if (name == "numbers") return hub_value::numbers;
  throw usage_error("--value: '" + std::string(name) + "' is not text, struct or numbers");
}

bool set_flag(arguments& result, std::string_view option) {
  if (option == "--raw") return result.raw = true;
  if (option == "--text") return result.text = true;
  if (option == "--http2") return result.http2 = true;
  if (option == "--bare") return result.bare = true;
  if (option == "--attack") return result.attack = true;
  if (option == "--each-sends") return result.each_sends = true;
  return false;
}

void set_value(arguments& result, std::string_view option, std::string_view value) {
  const auto count = [&](std::size_t most) {
    return parse_number<std::size_t>(option, value, 1, most);
  };
  if (option == "--url") {
    result.urls.push_back(parse_url(value));
    result.url = result.urls.front();
    result.tls = value.starts_with("wss") || value.starts_with("https");
  } else if (option == "--connections") {
    result.connections = count(1'000'000);
  } else if (option == "--size") {
    result.size = count(16 << 20);
  } else if (option == "--depth") {
    result.depth = count(1024);
  } else if (option == "--streams") {
    result.streams = count(10'000);
  } else if (option == "--burst") {
    result.burst = count(1024);
  } else if (option == "--hub") {
    result.hub = parse_hub(value);
  } else if (option == "--value") {
    result.value = parse_value(value);
  } else if (option == "--deflate") {
    result.deflate = parse_compression(value);
  } else if (option == "--seconds") {
    result.seconds = parse_number<double>(option, value, 0.1, 3600);
  } else if (option == "--warmup") {
    result.warmup = parse_number<double>(option, value, 0, 3600);
  } else if (option == "--rounds") {
    result.rounds = count(1000);
  } else if (option == "--concurrency") {
    result.concurrency = count(10'000);
  } else if (option == "--pid") {
    result.pids.push_back(parse_number<pid_t>(option, value, 1, 1 << 30));
    result.pid = result.pids.front();
  } else if (option == "--redis-pid") {
    result.redis_pid = parse_number<pid_t>(option, value, 1, 1 << 30);
  } else if (option == "--groups") {
    result.groups = count(1'000'000);
  } else {
    throw usage_error("'" + std::string(option) + "' is not an option");
  }
}

void check(const arguments& result) {
  if (result.url.port == 0) throw usage_error("--url is missing");
  if (result.mode != mode::echo && result.pid == 0) throw usage_error("--pid is missing");
  const bool is_hub = result.hub != hub_protocol::none && !result.bare;
  if ((result.urls.size() > 1 || result.groups != 0) &&
      (result.mode != mode::broadcast || !is_hub)) {
    throw usage_error("--groups, and --url more than once: only in broadcast, with --hub");
  }
  if (result.groups != 0 && result.connections % (result.groups * result.urls.size()) != 0) {
    throw usage_error("--groups: --connections must be a multiple of groups times servers");
  }
  const bool echoes = result.mode == mode::echo || result.mode == mode::idle;
  if (result.raw && !echoes) throw usage_error("--raw: only in echo and idle");
  if (result.http2 && (!echoes || result.raw || result.deflate != compression::none)) {
    throw usage_error("--http2: only in echo and idle, without --raw and --deflate");
  }
  if (result.hub != hub_protocol::none && (result.mode == mode::churn || result.raw ||
                                           result.http2 || result.deflate != compression::none)) {
    throw usage_error("--hub: not in churn, nor with --raw, --http2 or --deflate");
  }
  if (result.value != hub_value::text &&
      (result.mode != mode::echo || result.hub != hub_protocol::json)) {
    throw usage_error("--value: only in echo, with --hub json");
  }
  if (result.bare && result.hub == hub_protocol::none) throw usage_error("--bare: only with --hub");
  if (result.tls && result.mode == mode::churn) throw usage_error("--url: no wss:// in churn");
  if (result.deflate != compression::none) {
    if (result.raw) throw usage_error("--deflate: not with --raw");
    if (result.mode == mode::churn) throw usage_error("--deflate: not in churn");
    if (result.depth > 32) throw usage_error("--deflate: --depth is at most 32 with it");
  }
}

}  // namespace

arguments parse_arguments(int argc, char** argv) {
  if (argc < 2) throw usage_error("the mode is missing: echo, idle, churn or broadcast");
  arguments result;
  result.mode = parse_mode(argv[1]);
  if (result.mode != mode::echo) result.connections = 10'000;
  for (int i = 2; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (set_flag(result, option)) continue;
    if (i + 1 == argc) throw usage_error(std::string(option) + ": the value is missing");
    set_value(result, option, argv[++i]);
  }
  check(result);
  return result;
}

}  // namespace saker_load
