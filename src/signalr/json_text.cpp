#include "signalr/json_text.hpp"

#include <algorithm>
#include <charconv>

#include <saker/signalr/values.hpp>

#include "core/json_text.hpp"

namespace saker::signalr {
namespace {

bool has_bytes(const json& value) {
  if (value.is_binary()) return true;
  if (!value.is_structured()) return false;
  return std::any_of(value.begin(), value.end(), has_bytes);
}

/// The value with text in place of bytes.
json as_text(const json& value) {
  if (value.is_binary()) return binary_as_text(value.get_binary());
  if (!value.is_structured()) return value;
  json result = value;
  for (auto& each : result) each = as_text(each);
  return result;
}

void append_number(std::string& out, auto number) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

void append_dump(std::string& out, const json& value) {
  out += value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  core::append_json_string(out, text);
}

void append_json(std::string& out, const json& value) {
  switch (value.type()) {
    case json::value_t::string: append_json_string(out, value.get_ref<const std::string&>()); break;
    case json::value_t::number_integer: append_number(out, value.get<std::int64_t>()); break;
    case json::value_t::number_unsigned: append_number(out, value.get<std::uint64_t>()); break;
    case json::value_t::array: {
      char separator = '[';
      for (const auto& each : value) {
        out += separator;
        append_json(out, each);
        separator = ',';
      }
      if (value.empty()) out += '[';
      out += ']';
      break;
    }
    default:
      if (has_bytes(value)) {
        append_dump(out, as_text(value));
      } else {
        append_dump(out, value);
      }
  }
}

}  // namespace saker::signalr
