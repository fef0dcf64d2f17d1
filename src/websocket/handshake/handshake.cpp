#include "websocket/handshake/handshake.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace saker::websockets {
namespace {

bool asks_for_websocket(const http_request& request) noexcept {
  if (!request.connect_protocol().empty()) {
    return equals_ignoring_case(request.connect_protocol(), "websocket");
  }
  const auto& fields = request.headers();
  return request.protocol() == "HTTP/1.1" && equals_ignoring_case(request.method(), "GET") &&
         fields.list_contains("Upgrade", "websocket") &&
         fields.list_contains("Connection", "Upgrade") && fields.count("Sec-WebSocket-Key") == 1 &&
         is_valid_key(fields.get("Sec-WebSocket-Key"));
}

bool is_base64(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

std::string printable(char c) {
  if (c > ' ' && c < '\x7f') return std::string(1, c);
  return "[" + std::to_string(static_cast<unsigned>(static_cast<unsigned char>(c))) + "]";
}

}  // namespace

std::string accept_key(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  unsigned char encoded[29];
  EVP_EncodeBlock(encoded, digest, SHA_DIGEST_LENGTH);
  return reinterpret_cast<const char*>(encoded);
}

bool is_valid_key(std::string_view key) noexcept {
  // 16 bytes are 22 characters, of which the last carries only two bits, and two of padding.
  return key.size() == 24 && key.ends_with("==") &&
         std::all_of(key.begin(), key.end() - 2, is_base64);
}

handshake classify(const http_request& request) noexcept {
  if (!asks_for_websocket(request)) return handshake::none;
  return request.headers().list_contains("Sec-WebSocket-Version", "13")
             ? handshake::valid
             : handshake::of_other_version;
}

bool is_offered(const http_request& request, std::string_view sub_protocol) noexcept {
  return request.headers().list_contains("Sec-WebSocket-Protocol", sub_protocol);
}

void validate_sub_protocol(std::string_view name) {
  if (name.empty()) {
    throw std::invalid_argument("The name of a WebSocket sub-protocol must not be empty.");
  }
  constexpr std::string_view separators = "()<>@,;:\\\"/[]?={} ";
  for (const char c : name) {
    if (c < '!' || c > '~' || separators.find(c) != std::string_view::npos) {
      throw std::invalid_argument("The WebSocket sub-protocol '" + std::string(name) +
                                  "' must be a token: it contains '" + printable(c) + "'.");
    }
  }
}

}  // namespace saker::websockets
