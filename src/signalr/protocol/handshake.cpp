#include "signalr/protocol/handshake.hpp"

#include <utility>

#include <saker/signalr/protocol/hub_protocol.hpp>

#include "binding/json_text.hpp"

namespace saker::signalr {
namespace {

bool is_int32(const json& value) {
  if (!value.is_number_integer()) return false;
  return value.is_number_unsigned() ? std::in_range<std::int32_t>(value.get<std::uint64_t>())
                                    : std::in_range<std::int32_t>(value.get<std::int64_t>());
}

}  // namespace

handshake_request parse_handshake(std::string_view text) {
  // Deeper than that no request is, and reading the value nests as deeply as it does.
  constexpr std::size_t longest = 4096;
  if (text.size() > longest) throw protocol_error("The handshake request is too long.");
  json object;
  try {
    // What follows is left.
    binding::json_reader in(text);
    object = binding::read_document(in);
  } catch (const binding::binding_error&) {
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
  if (!is_int32(*version)) {
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
    binding::append_json_string(text, error);
  }
  return text += "}\x1e";
}

}  // namespace saker::signalr
