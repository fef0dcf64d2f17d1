#include <algorithm>
#include <array>

#include "observe/log.hpp"

namespace saker::observe {
namespace {

struct character {
  char32_t value = 0;
  std::size_t size = 0;  ///< 0: no UTF-8.
};

struct utf8_form {
  unsigned char mask;
  unsigned char mark;
  char32_t least;
};

/// By the number of bytes (RFC 3629, section 3).
constexpr std::array<utf8_form, 4> forms{
    {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}}};

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  for (std::size_t size = 1; size <= forms.size() && size <= text.size(); ++size) {
    const auto& form = forms[size - 1];
    if ((lead & form.mask) != form.mark) continue;
    char32_t value = lead & static_cast<unsigned char>(~form.mask);
    for (std::size_t i = 1; i < size; ++i) {
      if (!is_continuation(text[i])) return {};
      value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3f);
    }
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < form.least || surrogate || value > 0x10ffff) return {};
    return {value, size};
  }
  return {};
}

bool is_harmless(char32_t value) {
  if (value < 0x20 || value == '\\' || (value >= 0x7f && value < 0xa0)) return false;
  // Line and paragraph separators, marks, embeddings, overrides and isolates of direction.
  if (value == 0x61c || value == 0x200e || value == 0x200f) return false;
  return !(value >= 0x2028 && value <= 0x202e) && !(value >= 0x2066 && value <= 0x2069);
}

void append_escaped(std::string& to, std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  for (const char byte : bytes) {
    switch (byte) {
      case '\\': to += "\\\\"; break;
      case '\n': to += "\\n"; break;
      case '\r': to += "\\r"; break;
      case '\t': to += "\\t"; break;
      default:
        to += "\\x";
        to += digits[static_cast<unsigned char>(byte) >> 4];
        to += digits[static_cast<unsigned char>(byte) & 15];
    }
  }
}

}  // namespace

std::string log_text(std::string_view text) {
  std::string result;
  result.reserve(std::min(text.size(), longest_log_text));
  while (!text.empty()) {
    if (result.size() >= longest_log_text) {
      result += "... (" + std::to_string(text.size()) + " more bytes)";
      break;
    }
    const auto [value, size] = first_character(text);
    const auto bytes = text.substr(0, std::max<std::size_t>(size, 1));
    if (size > 0 && is_harmless(value)) {
      result += bytes;
    } else {
      append_escaped(result, bytes);
    }
    text.remove_prefix(bytes.size());
  }
  return result;
}

void rare_log_line::log(log_level level, std::string_view text) {
  if (const auto line = due(text, clock::now()); !line.empty()) {
    observe::log(level, line);
  } else {
    observe::log(log_level::debug, text);
  }
}

std::string rare_log_line::due(std::string_view text, clock::time_point now) {
  const auto at = now.time_since_epoch().count();
  const auto again = (now + std::chrono::seconds(1)).time_since_epoch().count();
  auto next = next_.load();
  if (at < next || !next_.compare_exchange_strong(next, again)) {
    ++left_out_;
    return {};
  }
  std::string line(text);
  if (const auto others = left_out_.exchange(0)) {
    line += " (and " + std::to_string(others) + " more like it)";
  }
  return line;
}

}  // namespace saker::observe
