// What a client says first to a hub.

#include <nlohmann/json.hpp>

#include <saker/signalr/protocol/json.hpp>
#include "hub_round_trip.hpp"

#include "signalr/protocol/handshake.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace saker::signalr;
  std::string protocol;
  try {
    protocol = parse_handshake(saker::fuzz::text_of(data, size)).protocol;
  } catch (const protocol_error&) {
    return 0;
  }
  // An answer that names it is one JSON object and a record separator.
  auto answer = handshake_response("The protocol '" + protocol + "' is not supported.");
  saker::fuzz::require(answer.back() == '\x1e', "an answer has its separator");
  answer.pop_back();
  saker::fuzz::require(json::parse(answer).at("error").is_string(), "an answer is JSON");
  return 0;
}
