#include <saker/signalr/values.hpp>

#include <openssl/evp.h>

#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace saker::signalr {
namespace {

constexpr std::uint32_t nanoseconds_per_second = 1'000'000'000;

void append_big_endian(std::vector<std::uint8_t>& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(number >> shift));
  }
}

std::uint64_t big_endian(const std::uint8_t* from, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) number = number << 8 | from[i];
  return number;
}

std::optional<timestamp> from_extension(const json::binary_t& value) {
  timestamp time;
  switch (value.size()) {
    case 4: time.seconds = static_cast<std::int64_t>(big_endian(value.data(), 4)); return time;
    case 8: {
      const auto both = big_endian(value.data(), 8);
      time.seconds = static_cast<std::int64_t>(both & 0x3'ffff'ffff);
      time.nanoseconds = static_cast<std::uint32_t>(both >> 34);
      break;
    }
    case 12:
      time.nanoseconds = static_cast<std::uint32_t>(big_endian(value.data(), 4));
      time.seconds = static_cast<std::int64_t>(big_endian(value.data() + 4, 8));
      break;
    default: return std::nullopt;
  }
  if (time.nanoseconds >= nanoseconds_per_second) return std::nullopt;
  return time;
}

/// Reads digits, and says whether there were as many as wanted.
bool take_number(std::string_view& text, std::size_t digits, int& number) {
  if (text.size() < digits) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc() || end != text.data() + digits || number < 0) return false;
  text.remove_prefix(digits);
  return true;
}

bool take_char(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

std::uint32_t take_fraction(std::string_view& text) {
  std::uint32_t nanoseconds = 0;
  std::uint32_t unit = nanoseconds_per_second / 10;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    nanoseconds += static_cast<std::uint32_t>(text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  return nanoseconds;
}

/// `Z`, nothing, or an offset like `+02:00`, in minutes.
std::optional<int> take_offset(std::string_view text) {
  if (text.empty() || text == "Z") return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (text.front() != '+' && text.front() != '-') return std::nullopt;
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!take_number(text, 2, hours) || !take_char(text, ':') || !take_number(text, 2, minutes) ||
      !text.empty() || hours > 23 || minutes > 59) {
    return std::nullopt;
  }
  return sign * (hours * 60 + minutes);
}

std::optional<timestamp> from_iso(std::string_view text) {
  using namespace std::chrono;
  int years = 0;
  int months = 0;
  int days = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  timestamp time;
  if (!take_number(text, 4, years) || !take_char(text, '-') || !take_number(text, 2, months) ||
      !take_char(text, '-') || !take_number(text, 2, days)) {
    return std::nullopt;
  }
  const year_month_day date(year(years), month(static_cast<unsigned>(months)),
                            day(static_cast<unsigned>(days)));
  if (!date.ok()) return std::nullopt;
  if (!text.empty()) {
    if (!take_char(text, 'T') || !take_number(text, 2, hour) || !take_char(text, ':') ||
        !take_number(text, 2, minute)) {
      return std::nullopt;
    }
    if (take_char(text, ':')) {
      if (!take_number(text, 2, second)) return std::nullopt;
      if (take_char(text, '.')) time.nanoseconds = take_fraction(text);
    }
  }
  const auto offset = take_offset(text);
  if (!offset || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  time.seconds = duration_cast<seconds>(sys_days(date).time_since_epoch()).count() + hour * 3600 +
                 minute * 60 + second - *offset * 60;
  return time;
}

std::string to_iso(const timestamp& time) {
  using namespace std::chrono;
  const sys_seconds point{seconds(time.seconds)};
  const auto date = floor<days>(point);
  const year_month_day calendar(date);
  const hh_mm_ss clock(point - date);
  char text[64];
  const int size = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(calendar.year()),
      static_cast<unsigned>(calendar.month()), static_cast<unsigned>(calendar.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  std::string result(text, static_cast<std::size_t>(size));
  // .NET's ticks are tenths of microseconds: it reads seven digits and writes no zeros at the end.
  if (const auto ticks = time.nanoseconds / 100; ticks != 0) {
    std::snprintf(text, sizeof text, ".%07u", ticks);
    result += text;
    result.erase(result.find_last_not_of('0') + 1);
  }
  return result + 'Z';
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::vector<std::byte> bytes(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const auto padding = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace

json to_value(const timestamp& time) {
  std::vector<std::uint8_t> bytes;
  if (time.seconds >= 0 && time.seconds >> 34 == 0) {
    const auto both = static_cast<std::uint64_t>(time.nanoseconds) << 34 |
                      static_cast<std::uint64_t>(time.seconds);
    append_big_endian(bytes, both, both >> 32 == 0 ? 4 : 8);
  } else {
    append_big_endian(bytes, time.nanoseconds, 4);
    append_big_endian(bytes, static_cast<std::uint64_t>(time.seconds), 8);
  }
  return json::binary(std::move(bytes), timestamp_subtype);
}

std::optional<timestamp> to_timestamp(const json& value) {
  if (value.is_string()) return from_iso(value.get_ref<const std::string&>());
  if (!value.is_binary() || !value.get_binary().has_subtype() ||
      value.get_binary().subtype() != timestamp_subtype) {
    return std::nullopt;
  }
  return from_extension(value.get_binary());
}

json to_value(std::span<const std::byte> bytes) {
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return json::binary(std::vector<std::uint8_t>(begin, begin + bytes.size()));
}

std::optional<std::vector<std::byte>> to_bytes(const json& value) {
  if (value.is_string()) return from_base64(value.get_ref<const std::string&>());
  if (!value.is_binary()) return std::nullopt;
  const auto& from = value.get_binary();
  const auto* const begin = reinterpret_cast<const std::byte*>(from.data());
  return std::vector<std::byte>(begin, begin + from.size());
}

std::string binary_as_text(const json::binary_t& value) {
  if (value.has_subtype() && value.subtype() == timestamp_subtype) {
    if (const auto time = from_extension(value)) return to_iso(*time);
  }
  return to_base64(value);
}

void refuse_value(const char* wanted) {
  throw std::invalid_argument(std::string("The value is not ") + wanted + ".");
}

}  // namespace saker::signalr
