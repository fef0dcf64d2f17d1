#pragma once

#include <string>
#include <vector>

#include <saker/signalr/protocol/hub_message.hpp>

#include "unit/signalr/protocol/message_values.hpp"

namespace saker::signalr {

/// A message in both protocols.
struct protocol_vector {
  std::string name;
  hub_message message;
  std::string json;         ///< Without the record separator.
  std::string messagepack;  ///< The body, base64.
};

inline hub_message invocation(std::string id, std::string target, const json& arguments,
                              std::vector<std::string> streams = {},
                              message_type type = message_type::invocation) {
  hub_message message{.type = type, .invocation_id = std::move(id)};
  message.target = std::move(target);
  message.value = value(arguments);
  message.stream_ids = std::move(streams);
  return message;
}

inline hub_message with_value(message_type type, const json& document) {
  hub_message message{.type = type, .invocation_id = "xyz"};
  message.value = value(document);
  message.has_result = type == message_type::completion;
  return message;
}

inline hub_message with_error(message_type type, std::string error, bool allow_reconnect = false) {
  hub_message message{.type = type};
  if (type == message_type::completion) message.invocation_id = "xyz";
  message.error = std::move(error);
  message.allow_reconnect = allow_reconnect;
  return message;
}

inline hub_message numbered(message_type type, std::int64_t number) {
  hub_message message{.type = type};
  message.sequence_id = number;
  return message;
}

inline std::vector<protocol_vector> protocol_vectors() {
  using type = message_type;
  const auto none = json::array();
  hub_message with_headers{.type = type::completion, .invocation_id = "xyz"};
  with_headers.headers = {{"Foo", "Bar"},
                          {"KeyWith\nNew\r\nLines", "Still Works"},
                          {"ValueWithNewLines", "Also\nWorks\r\nFine"}};
  hub_message reconnecting{.type = type::close};
  reconnecting.allow_reconnect = true;
  return {
      {"invocation with id", invocation("xyz", "method", none),
       R"({"type":1,"invocationId":"xyz","target":"method","arguments":[]})",
       "lgGAo3h5eqZtZXRob2SQkA=="},
      {"invocation with a number", invocation("", "method", json::array({42})),
       R"({"type":1,"target":"method","arguments":[42]})", "lgGAwKZtZXRob2SRKpA="},
      {"invocation with two", invocation("", "method", json::array({42, "string"})),
       R"({"type":1,"target":"method","arguments":[42,"string"]})", "lgGAwKZtZXRob2SSKqZzdHJpbmeQ"},
      {"invocation with a stream", invocation("", "Target", none, {"__test_id__"}),
       R"({"type":1,"target":"Target","arguments":[],"streamIds":["__test_id__"]})",
       "lgGAwKZUYXJnZXSQkatfX3Rlc3RfaWRfXw=="},
      {"item", with_value(type::stream_item, 42), R"({"type":2,"invocationId":"xyz","item":42})",
       "lAKAo3h5eio="},
      {"item of a float", with_value(type::stream_item, 1.5),
       R"({"type":2,"invocationId":"xyz","item":1.5})", "lAKAo3h5ess/+AAAAAAAAA=="},
      {"item of a boolean", with_value(type::stream_item, true),
       R"({"type":2,"invocationId":"xyz","item":true})", "lAKAo3h5esM="},
      {"completion with an error", with_error(type::completion, "Error not found!"),
       R"({"type":3,"invocationId":"xyz","error":"Error not found!"})",
       "lQOAo3h5egGwRXJyb3Igbm90IGZvdW5kIQ=="},
      {"completion of nothing", hub_message{.type = type::completion, .invocation_id = "xyz"},
       R"({"type":3,"invocationId":"xyz"})", "lAOAo3h5egI="},
      {"completion with a result", with_value(type::completion, 42),
       R"({"type":3,"invocationId":"xyz","result":42})", "lQOAo3h5egMq"},
      {"completion with headers", with_headers,
       R"({"type":3,"headers":{"Foo":"Bar","KeyWith\nNew\r\nLines":"Still Works",)"
       R"("ValueWithNewLines":"Also\nWorks\r\nFine"},"invocationId":"xyz"})",
       "lAODo0Zvb6NCYXKyS2V5V2l0aApOZXcNCkxpbmVzq1N0aWxsIFdvcmtzsVZhbHVlV2l0aE5ld0xpbmVzsEFsc28KV29"
       "y"
       "a3MNCkZpbmWjeHl6Ag=="},
      {"stream invocation",
       invocation("xyz", "method", json::array({42}), {}, type::stream_invocation),
       R"({"type":4,"invocationId":"xyz","target":"method","arguments":[42]})",
       "lgSAo3h5eqZtZXRob2SRKpA="},
      {"cancel", hub_message{.type = type::cancel_invocation, .invocation_id = "xyz"},
       R"({"type":5,"invocationId":"xyz"})", "kwWAo3h5eg=="},
      {"ping", hub_message{.type = type::ping}, R"({"type":6})", "kQY="},
      {"close", hub_message{.type = type::close}, R"({"type":7})", "kwfAwg=="},
      {"close with an error", with_error(type::close, "Error!"), R"({"type":7,"error":"Error!"})",
       "kwemRXJyb3Ihwg=="},
      {"close with reconnect", reconnecting, R"({"type":7,"allowReconnect":true})", "kwfAww=="},
      {"close with both", with_error(type::close, "Error!", true),
       R"({"type":7,"error":"Error!","allowReconnect":true})", "kwemRXJyb3Ihww=="},
      {"ack", numbered(type::ack, 42), R"({"type":8,"sequenceId":42})", "kggq"},
      {"sequence", numbered(type::sequence, 146), R"({"type":9,"sequenceId":146})", "kgnMkg=="},
  };
}

}  // namespace saker::signalr
