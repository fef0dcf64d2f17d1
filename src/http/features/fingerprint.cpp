#include <saker/http/features/static_files.hpp>

#include <algorithm>

namespace saker {

namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) noexcept { return is_lower(c) || is_upper(c); }

template <class... Predicates>
bool consists_of(std::string_view text, Predicates... is) noexcept {
  return std::all_of(text.begin(), text.end(), [&](char c) { return (is(c) || ...); });
}

template <class Predicate>
bool has(std::string_view text, Predicate is) noexcept {
  return std::any_of(text.begin(), text.end(), is);
}

/// Unlike in words with a number before or behind them.
bool has_digit_between_letters(std::string_view text) noexcept {
  const auto first = std::find_if(text.begin(), text.end(), is_letter);
  const auto digit = std::find_if(first, text.end(), is_digit);
  return std::any_of(digit, text.end(), is_letter);
}

bool is_dotnet(std::string_view part) noexcept {
  return part.size() == 10 && consists_of(part, is_lower, is_digit) &&
         has_digit_between_letters(part);
}

bool is_hexadecimal(std::string_view part) noexcept {
  constexpr auto is_hex_letter = [](char c) { return c >= 'a' && c <= 'f'; };
  return part.size() >= 8 && part.size() <= 64 && consists_of(part, is_digit, is_hex_letter) &&
         has(part, is_digit) && has(part, is_hex_letter);
}

bool is_base64url(std::string_view part) noexcept {
  constexpr auto is_underscore = [](char c) { return c == '_'; };
  return part.size() == 8 && consists_of(part, is_letter, is_digit, is_underscore) &&
         has(part, is_lower) && has(part, is_upper) && has_digit_between_letters(part);
}

/// A part of a name is what stands before a dot.
bool has_fingerprint_after_hyphen(std::string_view part) noexcept {
  const auto hyphen = part.rfind('-');
  if (hyphen == std::string_view::npos) return false;
  const auto behind = part.substr(hyphen + 1);
  return is_hexadecimal(behind) || is_base64url(behind);
}

}  // namespace

bool has_fingerprint(std::string_view path) noexcept {
  auto name = path.substr(path.rfind('/') + 1);
  bool is_first = true;
  for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    const auto part = name.substr(0, dot);
    if (!is_first && (is_dotnet(part) || is_hexadecimal(part))) return true;
    if (has_fingerprint_after_hyphen(part)) return true;
    name.remove_prefix(dot + 1);
    is_first = false;
  }
  return false;
}

}  // namespace saker
