#include "signalr/transports/negotiation.hpp"

#include <openssl/rand.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include <saker/http/message/headers.hpp>

#include "signalr/transports/transport_traits.hpp"

namespace saker::signalr {
namespace {

using nlohmann::ordered_json;

constexpr int newest_version = 1;

std::string error_body(const std::string& error) { return ordered_json{{"error", error}}.dump(); }

/// As .NET reads an integer: blanks around it and a sign are allowed.
std::optional<int> parse_integer(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

negotiated negotiate(const negotiation_request& asked, const connection_options& options) {
  negotiated result;
  const auto version = asked.version ? parse_integer(*asked.version) : 0;
  if (!version) {
    result.error = "The client requested a non-integer protocol version.";
  } else if (*version < options.minimum_protocol_version) {
    result.error = "The client requested version '" + std::to_string(*version) +
                   "', but the server does not support this version.";
  } else {
    result.version = std::min(*version, newest_version);
    result.stateful_reconnect = options.allow_stateful_reconnects && asked.stateful_reconnect &&
                                equals_ignoring_case(*asked.stateful_reconnect, "true");
  }
  return result;
}

std::string to_body(const negotiated& agreed, std::string_view connection_id,
                    std::string_view connection_token, transport_type transports,
                    std::optional<std::chrono::seconds> token_lifetime) {
  if (!agreed.error.empty()) return error_body(agreed.error);
  ordered_json body;
  if (agreed.stateful_reconnect) body["useStatefulReconnect"] = true;
  body["negotiateVersion"] = agreed.version;
  body["connectionId"] = connection_id;
  if (agreed.version > 0) body["connectionToken"] = connection_token;
  auto& available = body["availableTransports"] = ordered_json::array();
  for (const auto each : {transport_type::websockets, transport_type::server_sent_events,
                          transport_type::long_polling}) {
    if (!includes(transports, each)) continue;
    auto formats = ordered_json::array({"Text"});
    if (carries(each, transfer_format::binary)) formats.push_back("Binary");
    available.push_back({{"transport", name_of(each)}, {"transferFormats", std::move(formats)}});
  }
  if (token_lifetime && agreed.version > 0) body["tokenLifetimeSeconds"] = token_lifetime->count();
  return body.dump();
}

std::optional<std::chrono::seconds> lifetime_of(const claims_principal& user) {
  if (!user.expires()) return std::nullopt;
  const auto left = *user.expires() - std::chrono::system_clock::now();
  return std::max(std::chrono::floor<std::chrono::seconds>(left), std::chrono::seconds(0));
}

std::string make_connection_id() {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes.");
  }
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned bits = 0;
  int count = 0;
  for (const unsigned char byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 6; count -= 6) text += alphabet[bits >> (count - 6) & 63];
  }
  return text += alphabet[bits << (6 - count) & 63];
}

}  // namespace saker::signalr
