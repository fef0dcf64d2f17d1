#include "handshake.hpp"

#include <algorithm>
#include <cctype>

#include "hub.hpp"
#include "load_error.hpp"

namespace saker_load {

namespace {

// The example of RFC 6455, section 1.3: with a fixed key the answer is fixed too.
constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// The value of a field, whose name is in small letters; empty when it is not there.
std::string_view field_value(std::string_view head, std::string_view field) {
  const auto name = "\r\n" + std::string(field) + ":";
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  const auto* const found = std::search(head.begin(), head.end(), name.begin(), name.end(), same);
  if (found == head.end()) return {};
  auto value = head.substr(static_cast<std::size_t>(found - head.begin()) + name.size());
  value = value.substr(0, value.find("\r\n"));
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  return value.substr(0, value.find_last_not_of(" \t") + 1);
}

std::string_view offer(compression deflate) {
  switch (deflate) {
    case compression::none: break;
    case compression::no_takeover:
      return "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
             "client_no_context_takeover\r\n";
    case compression::takeover: return "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  }
  return {};
}

void check_compression(std::string_view agreed, compression deflate) {
  const bool takeover = agreed.find("server_no_context_takeover") == std::string_view::npos;
  const bool wanted = deflate == compression::none
                          ? agreed.empty()
                          : agreed.starts_with("permessage-deflate") &&
                                takeover == (deflate == compression::takeover);
  if (!wanted) throw load_error("compression agreed otherwise: '" + std::string(agreed) + "'");
}

}  // namespace

std::string upgrade_request(const endpoint& server, compression deflate) {
  return "GET " + server.path + " HTTP/1.1\r\nHost: " + server.host + ":" +
         std::to_string(server.port) +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + std::string(key) +
         "\r\nSec-WebSocket-Version: 13\r\n" + std::string(offer(deflate)) + "\r\n";
}

bool is_upgraded(std::string_view answer, compression deflate) {
  const auto end = answer.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    constexpr std::size_t most = 16 * 1024;
    if (answer.size() > most) throw load_error("a handshake answer without end");
    return false;
  }
  if (!answer.starts_with("HTTP/1.1 101 ")) {
    throw load_error("handshake refused: " + std::string(answer.substr(0, answer.find("\r\n"))));
  }
  const auto head = answer.substr(0, end + 2);
  if (field_value(head, "sec-websocket-accept") != accept) {
    throw load_error("handshake answer with a wrong Sec-WebSocket-Accept");
  }
  check_compression(field_value(head, "sec-websocket-extensions"), deflate);
  if (end + 4 != answer.size()) throw load_error("data right after the handshake answer");
  return true;
}

namespace {

void begin_hub(wire& socket, hub_protocol protocol) {
  socket.send_all(hub_handshake(protocol));
  std::string answer;
  do {
    const auto data = socket.receive_some();
    if (data.empty()) throw load_error("the hub closed the connection during its handshake");
    answer += data;
  } while (!is_hub_ready(answer));
}

}  // namespace

wire open_connection(const arguments& options) {
  wire socket(options);
  if (options.raw) return socket;
  socket.send_all(upgrade_request(options.url, options.deflate));
  std::string answer;
  do {
    const auto data = socket.receive_some();
    if (data.empty()) throw load_error("the server closed the connection during the handshake");
    answer += data;
  } while (!is_upgraded(answer, options.deflate));
  if (options.hub != hub_protocol::none && !options.bare) begin_hub(socket, options.hub);
  return socket;
}

}  // namespace saker_load
