#include "signalr/handshake.hpp"

#include <sstream>

#include "signalr/hub_protocol.hpp"
#include "signalr/json_text.hpp"

namespace saker::signalr {

handshake_request parse_handshake(std::string_view text) {
  // Deeper than that no request is, and reading the value nests as deeply as it does.
  constexpr std::size_t longest = 4096;
  if (text.size() > longest) throw protocol_error("The handshake request is too long.");
  json object;
  try {
    // Reads up to the closing brace and leaves what follows.
    std::istringstream(std::string(text)) >> object;
  } catch (const json::exception&) {
    throw protocol_error("Error reading JSON.");
  }
  if (!object.is_object()) throw protocol_error("Expected a JSON Object.");
  handshake_request request;
  const auto protocol = object.find("protocol");
  if (protocol == object.end()) throw protocol_error("Missing required property 'protocol'.");
  if (!protocol->is_string()) {
    throw protocol_error("Expected 'protocol' to be of type String.");
  }
  const auto version = object.find("version");
  if (version == object.end()) throw protocol_error("Missing required property 'version'.");
  if (!version->is_number_integer()) {
    throw protocol_error("Expected 'version' to be of type Number.");
  }
  request.protocol = protocol->get<std::string>();
  request.version = version->get<std::int64_t>();
  return request;
}

std::string handshake_response(std::string_view error) {
  std::string text = "{";
  if (!error.empty()) {
    text += "\"error\":";
    append_json_string(text, error);
  }
  return text += "}\x1e";
}

}  // namespace saker::signalr
