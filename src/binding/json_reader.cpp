#include <saker/binding/json_format.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

#include "binding/base64.hpp"
#include "binding/json_scan.hpp"
#include "binding/json_text.hpp"
#include "binding/refusal.hpp"
#include "binding/utf8.hpp"

namespace saker::binding {
namespace {

[[noreturn]] void malformed() { throw malformed_error("The text is no JSON."); }

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Whether a number that is out of range is so for its size: not for being too near to zero.
bool is_large(std::string_view number) {
  std::int64_t exponent = 0;
  if (const auto e = number.find_first_of("eE"); e != std::string_view::npos) {
    auto digits = number.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), exponent);
    if (error != std::errc()) return !digits.starts_with('-');
    number = number.substr(0, e);
  }
  const auto first = number.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  const auto point = std::min(number.find('.'), number.size());
  // More digits than that nobody sends.
  constexpr std::int64_t most = std::int64_t{1} << 40;
  exponent = std::clamp(exponent, -most, most);
  return static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) + exponent > 0;
}

void append_code_point(std::string& out, unsigned code) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80U | ((code >> shift) & 0x3fU)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0U | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0U | code >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0U | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

/// An integer's value without its sign.
struct json_reader::digits {
  std::uint64_t value = 0;
  bool negative = false;
  bool is_integer = true;  ///< False: it has a point or an exponent, or more than 64 bits.
};

void json_reader::skip_blanks() noexcept {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

char json_reader::front() {
  if (at_ != end_ && *at_ > ' ') return *at_;
  skip_blanks();
  if (at_ == end_) malformed();
  return *at_;
}

value_kind json_reader::peek() {
  switch (const char first = front()) {
    case 'n': return value_kind::null;
    case 't':
    case 'f': return value_kind::boolean;
    case '"': return value_kind::string;
    case '[': return value_kind::array;
    case '{': return value_kind::object;
    default:
      if (first == '-' || is_digit(first)) return value_kind::number;
      malformed();
  }
}

bool json_reader::take_word(std::string_view word) noexcept {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

bool json_reader::null() {
  if (front() != 'n') return false;
  if (!take_word("null")) malformed();
  return true;
}

bool json_reader::boolean() {
  const char first = front();
  if (first != 't' && first != 'f') refuse_value("true or false");
  const bool value = first == 't';
  if (!take_word(value ? "true" : "false")) malformed();
  return value;
}

// Numbers.

/// Checks the grammar, and returns the text.
std::string_view json_reader::take_number() {
  const char* const begin = at_;
  const auto take_digits = [&] {
    const char* const first = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    if (at_ == first) malformed();
  };
  if (at_ != end_ && *at_ == '-') ++at_;
  if (at_ != end_ && *at_ == '0') {
    ++at_;
  } else {
    take_digits();
  }
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    take_digits();
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    take_digits();
  }
  return {begin, static_cast<std::size_t>(at_ - begin)};
}

json_reader::digits json_reader::take_integer() {
  const char first = front();
  if (first != '-' && !is_digit(first)) refuse_value("an integer");
  digits read;
  read.negative = first == '-';
  const auto text = take_number();
  const char* from = text.data() + (read.negative ? 1 : 0);
  for (; from != text.data() + text.size(); ++from) {
    const auto digit = static_cast<std::uint64_t>(*from) - '0';
    if (digit > 9 || read.value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
      read.is_integer = false;
      break;
    }
    read.value = read.value * 10 + digit;
  }
  return read;
}

std::int64_t json_reader::integer(std::int64_t least, std::int64_t most) {
  const auto read = take_integer();
  constexpr auto limit = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (!read.is_integer || read.value > limit + (read.negative ? 1 : 0))
    refuse_value("an integer that fits");
  // Of the smallest there is no positive counterpart.
  const auto value = static_cast<std::int64_t>(read.negative ? ~read.value + 1 : read.value);
  if (value < least || value > most) refuse_value("an integer that fits");
  return value;
}

std::uint64_t json_reader::unsigned_integer(std::uint64_t most) {
  const auto read = take_integer();
  if (!read.is_integer || (read.negative && read.value != 0) || read.value > most) {
    refuse_value("an integer that fits");
  }
  return read.value;
}

template <class Number>
Number json_reader::floating() {
  const char first = front();
  if (first != '-' && !is_digit(first)) refuse_value("a number");
  const auto text = take_number();
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // What is too near to zero is zero.
  if (error == std::errc::result_out_of_range && is_large(text)) refuse_value("a number that fits");
  return value;
}

double json_reader::number() { return floating<double>(); }

float json_reader::single() { return floating<float>(); }

std::variant<std::int64_t, std::uint64_t, double> json_reader::any_number() {
  skip_blanks();
  const char* const begin = at_;
  const auto read = take_integer();
  constexpr auto limit = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (!read.is_integer || (read.negative && (read.value == 0 || read.value > limit + 1))) {
    at_ = begin;
    return number();
  }
  if (read.negative) return static_cast<std::int64_t>(~read.value + 1);
  return read.value;
}

// Strings.

std::string_view json_reader::take_string() {
  const char* const begin = ++at_;
  bool ascii = true;
  at_ = binding::end_of_plain_json(at_, end_, ascii);
  if (at_ == end_ || static_cast<unsigned char>(*at_) < 0x20) malformed();
  if (*at_ == '\\') return unescape(begin, ascii);
  const std::string_view text(begin, static_cast<std::size_t>(at_ - begin));
  ++at_;
  return ascii ? text : checked(text);
}

std::string_view json_reader::unescape(const char* begin, bool ascii) {
  unescaped_.assign(begin, at_);
  while (*at_ != '"') {
    append_escape();
    const char* const plain = at_;
    at_ = binding::end_of_plain_json(at_, end_, ascii);
    unescaped_.append(plain, at_);
    if (at_ == end_ || static_cast<unsigned char>(*at_) < 0x20) malformed();
  }
  ++at_;
  return ascii ? unescaped_ : checked(unescaped_);
}

/// A text that is not all ASCII.
std::string_view json_reader::checked(std::string_view text) {
  if (is_utf8(text)) return text;
  if (!repairs_) refuse_value("UTF-8");
  return unescaped_ = binding::repaired_utf8(text);
}

unsigned json_reader::take_hex() {
  if (end_ - at_ < 4) malformed();
  unsigned code = 0;
  const auto [end, error] = std::from_chars(at_, at_ + 4, code, 16);
  if (error != std::errc() || end != at_ + 4) malformed();
  at_ += 4;
  return code;
}

void json_reader::append_escape() {
  ++at_;
  if (at_ == end_) malformed();
  switch (*at_++) {
    case '"': unescaped_ += '"'; return;
    case '\\': unescaped_ += '\\'; return;
    case '/': unescaped_ += '/'; return;
    case 'b': unescaped_ += '\b'; return;
    case 'f': unescaped_ += '\f'; return;
    case 'n': unescaped_ += '\n'; return;
    case 'r': unescaped_ += '\r'; return;
    case 't': unescaped_ += '\t'; return;
    case 'u': break;
    default: malformed();
  }
  auto code = take_hex();
  if (code >= 0xd800 && code < 0xe000) {
    const char* const behind = at_;
    const auto low = code < 0xdc00 && take_word("\\u") ? take_hex() : 0;
    if (low >= 0xdc00 && low <= 0xdfff) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else {
      at_ = behind;
      code = half_pair();
    }
  }
  append_code_point(unescaped_, code);
}

unsigned json_reader::half_pair() {
  if (!repairs_) refuse_value("text: it has half a surrogate pair");
  return 0xfffd;
}

std::string_view json_reader::string() {
  if (front() != '"') refuse_value("a string");
  return take_string();
}

std::string_view json_reader::repaired_string() {
  repairs_ = true;
  const auto text = string();
  repairs_ = false;
  return text;
}

std::vector<std::byte> json_reader::bytes() {
  auto read = from_base64(string());
  if (!read) refuse_value("base64");
  return std::move(*read);
}

timestamp json_reader::time() {
  const auto read = from_iso_text(string());
  if (!read) refuse_value("a point in time");
  return read->time;
}

value_reader::extension_value json_reader::extension() { refuse_value("an extension"); }

// What nests.

void json_reader::open(char bracket, const char* wanted) {
  if (front() != bracket) refuse_value(wanted);
  if (++depth_ > most_nesting) malformed();
  ++at_;
  fresh_ = true;
}

std::size_t json_reader::begin_array() {
  open('[', "an array");
  return 0;
}

std::size_t json_reader::begin_object() {
  open('{', "an object");
  return 0;
}

bool json_reader::next_in(char closing) {
  const char first = front();
  const bool fresh = std::exchange(fresh_, false);
  if (first == closing) {
    ++at_;
    --depth_;
    return false;
  }
  if (!fresh) {
    if (first != ',') malformed();
    ++at_;
  }
  return true;
}

bool json_reader::next_element() { return next_in(']'); }

bool json_reader::next_member() {
  if (!next_in('}')) return false;
  if (front() != '"') malformed();
  return true;
}

std::string_view json_reader::key() {
  const auto name = string();
  if (front() != ':') malformed();
  ++at_;
  return name;
}

std::string_view json_reader::repaired_key() {
  const auto name = repaired_string();
  if (front() != ':') malformed();
  ++at_;
  return name;
}

std::int64_t json_reader::integer_key(std::int64_t least, std::int64_t most) {
  return number_of_key(key(), least, most);
}

std::uint64_t json_reader::unsigned_key(std::uint64_t most) {
  return number_of_key(key(), std::uint64_t{0}, most);
}

// What nobody wants.

void json_reader::skip_string() {
  bool ascii = true;
  for (;;) {
    at_ = binding::end_of_plain_json(at_ + 1, end_, ascii);
    if (at_ == end_ || static_cast<unsigned char>(*at_) < 0x20) malformed();
    if (*at_ == '"') break;
    if (++at_ == end_) malformed();
    if (*at_ == 'u') {
      ++at_;
      take_hex();
      --at_;
    } else if (std::strchr("\"\\/bfnrt", *at_) == nullptr || *at_ == '\0') {
      malformed();
    }
  }
  ++at_;
}

void json_reader::skip_value() {
  ++skipped_;
  switch (peek()) {
    case value_kind::null: null(); break;
    case value_kind::boolean: boolean(); break;
    case value_kind::number: take_number(); break;
    case value_kind::string: skip_string(); break;
    case value_kind::array:
      begin_array();
      while (next_element()) skip_value();
      break;
    default:
      begin_object();
      while (next_member()) {
        ++skipped_;
        skip_string();
        if (front() != ':') malformed();
        ++at_;
        skip_value();
      }
  }
}

std::string_view json_reader::skip() {
  skip_blanks();
  const char* const begin = at_;
  skipped_ = 0;
  skip_value();
  return {begin, static_cast<std::size_t>(at_ - begin)};
}

bool json_reader::at_end() {
  skip_blanks();
  return at_ == end_;
}

}  // namespace saker::binding
