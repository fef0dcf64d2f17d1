#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include <saker/binding/encoding.hpp>
#include <saker/signalr/protocol/hub_message.hpp>
#include <saker/signalr/protocol/hub_protocol.hpp>
#include <saker/signalr/protocol/json.hpp>

namespace saker::signalr {

/// Bytes that stay where they are until the tests end.
inline std::string_view kept(std::string bytes) {
  static std::deque<std::string> all;
  return all.emplace_back(std::move(bytes));
}

/// A value in JSON, as the tests write it down; `written` makes of it what the protocol needs.
inline std::string_view value(const json& document) {
  return kept(binding::to_json_text(document));
}

inline std::string written(const hub_protocol& protocol, hub_message message) {
  if (!message.value.empty() && protocol.values() == binding::value_format::messagepack) {
    std::string bytes;
    const auto document = binding::from_json_text<json>(message.value);
    binding::write_to(bytes, document,
                      {binding::value_format::messagepack, binding::messagepack_policy});
    message.value = kept(std::move(bytes));
  }
  std::string out;
  protocol.write(message, out);
  return out;
}

/// The value of a message that was read.
inline json value_of(const hub_protocol& protocol, const hub_message& message) {
  return binding::read_from<json>(message.value, protocol.values());
}

}  // namespace saker::signalr
