#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include <saker/signalr/json.hpp>

namespace saker::signalr {

enum class json_text : std::uint8_t { object, no_object, malformed };

/// Reads a JSON text of a client, and shows each property of its object, in their order; values
/// may be moved from. What is nested deeper than `most_nesting` is malformed.
json_text read_json_object(std::string_view text,
                           const std::function<void(std::string_view name, json& value)>& show);

}  // namespace saker::signalr
