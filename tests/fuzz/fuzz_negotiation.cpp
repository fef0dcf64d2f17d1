// The query of a negotiation.

#include <nlohmann/json.hpp>

#include <saker/signalr/protocol/json.hpp>
#include "hub_round_trip.hpp"

#include "signalr/transports/negotiation.hpp"
#include "signalr/transports/query.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace saker::signalr;
  const auto query = saker::fuzz::text_of(data, size);
  const auto version = find_query_value(query, "negotiateVersion");
  const auto reconnect = find_query_value(query, "useStatefulReconnect");
  connection_options options;
  options.allow_stateful_reconnects = true;
  const auto agreed = negotiate({version, reconnect}, options);
  const auto body = json::parse(to_body(agreed, "id", "token", options.transports));
  saker::fuzz::require(body.contains("error") != body.contains("connectionId"),
                       "there is an error or a connection");
  saker::fuzz::require(!agreed.error.empty() || agreed.version == 0 || agreed.version == 1,
                       "only known versions are agreed on");
  return 0;
}
