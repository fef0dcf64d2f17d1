// The offers of permessage-deflate.

#include <algorithm>
#include <string_view>

#include "fuzz_input.hpp"
#include "websocket/handshake/deflate_negotiation.hpp"

namespace {

using saker::fuzz::require;
using saker::websockets::deflate_parameters;

bool is_window(int bits) { return bits >= 9 && bits <= 15; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  saker::fuzz::input input(data, size);
  const auto choice = input.byte();
  deflate_parameters wanted;
  wanted.server_context_takeover = (choice & 1U) != 0;
  wanted.server_max_window_bits = static_cast<std::uint8_t>(9 + (choice >> 1) % 7);
  const auto rest = input.rest();
  std::string_view offers(reinterpret_cast<const char*>(rest.data()), rest.size());
  const auto bad = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  if (std::any_of(offers.begin(), offers.end(), bad)) return 0;

  saker::headers fields;
  fields.add("Sec-WebSocket-Extensions", offers);
  const auto agreed = negotiate_deflate(fields, wanted);
  if (!agreed) return 0;
  const auto& [parameters, response] = *agreed;
  require(is_window(parameters.server_max_window_bits), "the server's window is one");
  require(is_window(parameters.client_max_window_bits), "the client's window is one");
  require(parameters.server_max_window_bits <= wanted.server_max_window_bits,
          "the server does not offer more than it wants");
  require(wanted.server_context_takeover || !parameters.server_context_takeover,
          "the server's wish is kept");
  // Whoever offers what was agreed gets it.
  const auto again = answer_deflate_offer(response, wanted);
  require(again && again->parameters == parameters, "the answer is an offer of itself");
  return 0;
}
