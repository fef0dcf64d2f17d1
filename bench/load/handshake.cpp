#include "handshake.hpp"

#include <algorithm>
#include <cctype>

#include "load_error.hpp"
#include "sockets.hpp"

namespace saker_load {

namespace {

// The example of RFC 6455, section 1.3: with a fixed key the answer is fixed too.
constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

bool has_accept_header(std::string_view head) {
  constexpr std::string_view name = "\r\nsec-websocket-accept:";
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  const auto* const found = std::search(head.begin(), head.end(), name.begin(), name.end(), same);
  if (found == head.end()) return false;
  auto value = head.substr(static_cast<std::size_t>(found - head.begin()) + name.size());
  value = value.substr(0, value.find("\r\n"));
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  return value.substr(0, value.find_last_not_of(" \t") + 1) == accept;
}

}  // namespace

std::string upgrade_request(const endpoint& server) {
  return "GET " + server.path + " HTTP/1.1\r\nHost: " + server.host + ":" +
         std::to_string(server.port) +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + std::string(key) +
         "\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

bool is_upgraded(std::string_view answer) {
  const auto end = answer.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    constexpr std::size_t most = 16 * 1024;
    if (answer.size() > most) throw load_error("a handshake answer without end");
    return false;
  }
  if (!answer.starts_with("HTTP/1.1 101 ")) {
    throw load_error("handshake refused: " + std::string(answer.substr(0, answer.find("\r\n"))));
  }
  if (!has_accept_header(answer.substr(0, end + 2))) {
    throw load_error("handshake answer with a wrong Sec-WebSocket-Accept");
  }
  if (end + 4 != answer.size()) throw load_error("data right after the handshake answer");
  return true;
}

descriptor open_connection(const arguments& options) {
  auto socket = connect_to(options.url);
  if (options.raw) return socket;
  send_all(socket.get(), upgrade_request(options.url));
  std::string answer;
  do {
    const auto data = receive_some(socket.get());
    if (data.empty()) throw load_error("the server closed the connection during the handshake");
    answer += data;
  } while (!is_upgraded(answer));
  return socket;
}

}  // namespace saker_load
