#pragma once

#include <string>
#include <string_view>

#include <saker/signalr/json.hpp>

namespace saker::signalr {

/// Appends a value as JSON text, as the .NET side reads it: bytes become base64, timestamps
/// (ext -1) ISO 8601, and what is no UTF-8 in a string U+FFFD.
void append_json(std::string& out, const json& value);
void append_json_string(std::string& out, std::string_view text);

}  // namespace saker::signalr
