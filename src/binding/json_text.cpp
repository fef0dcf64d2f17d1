#include "binding/json_text.hpp"

#include <simdjson.h>

#include <algorithm>

#include "binding/json_scan.hpp"

namespace saker::binding {
namespace {

bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

void append_escaped(std::string& out, char c) {
  constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\b': out += "\\b"; break;
    case '\f': out += "\\f"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
  }
}

void append_valid(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_plain);
    const auto size = static_cast<std::size_t>(end - text.begin());
    out.append(text.substr(0, size));
    if (size < text.size()) append_escaped(out, text[size]);
    text.remove_prefix(std::min(size + 1, text.size()));
  }
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// What follows the lead byte, as far as it can belong to it: at most three bytes.
std::size_t sequence_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t most = lead < 0xc2 || lead > 0xf4 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::size_t size = 1;
  while (size < std::min(most, text.size()) && is_continuation(text[size])) ++size;
  return size;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  bool ascii = true;
  const char* const end = text.data() + text.size();
  if (end_of_plain_json(text.data(), end, ascii) == end && ascii) {
    out += text;
  } else if (simdjson::validate_utf8(text.data(), text.size())) {
    append_valid(out, text);
  } else {
    append_valid(out, repaired_utf8(text));
  }
  out += '"';
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto sequence = text.substr(0, sequence_size(text));
    if (simdjson::validate_utf8(sequence.data(), sequence.size())) {
      out += sequence;
    } else {
      out += "\xef\xbf\xbd";
    }
    text.remove_prefix(sequence.size());
  }
  return out;
}

}  // namespace saker::binding
