#include <saker/binding/time.hpp>

#include <charconv>
#include <cstdio>

namespace saker::binding {
namespace {

constexpr std::int64_t first_second = -62'135'596'800;  // The year 1.
constexpr std::int64_t last_second = 253'402'300'799;   // The end of 9999.

bool has_four_digits(std::int64_t seconds) noexcept {
  return seconds >= first_second && seconds <= last_second;
}

constexpr std::uint32_t nanoseconds_per_second = 1'000'000'000;
constexpr std::int64_t ticks_per_second = ticks::period::den;

/// Reads that many digits.
bool take_number(std::string_view& text, std::size_t digits, int& number) {
  if (text.size() < digits) return false;
  number = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take_char(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

/// Digits behind a point, in nanoseconds; those beyond are left out.
std::optional<std::uint32_t> take_fraction(std::string_view& text) {
  std::uint32_t nanoseconds = 0;
  std::uint32_t unit = nanoseconds_per_second / 10;
  const auto before = text.size();
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    nanoseconds += static_cast<std::uint32_t>(text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  if (text.size() == before) return std::nullopt;
  return nanoseconds;
}

/// `Z`, nothing, or an offset like `+02:00`.
std::optional<std::chrono::minutes> take_offset(std::string_view text) {
  if (text.empty() || text == "Z") return std::chrono::minutes(0);
  const int sign = text.front() == '-' ? -1 : 1;
  if (text.front() != '+' && text.front() != '-') return std::nullopt;
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!take_number(text, 2, hours) || !take_char(text, ':') || !take_number(text, 2, minutes) ||
      !text.empty() || hours > 14 || minutes > 59 || hours * 60 + minutes > 14 * 60) {
    return std::nullopt;
  }
  return std::chrono::minutes(sign * (hours * 60 + minutes));
}

// .NET's ticks are tenths of microseconds: it reads seven digits.
void append_fraction(std::string& out, std::uint32_t ticks_of_second) {
  char text[16];
  const int size = std::snprintf(text, sizeof text, ".%07u", ticks_of_second);
  out.append(text, static_cast<std::size_t>(size));
}

}  // namespace

std::optional<iso_time> from_iso_text(std::string_view text) {
  using namespace std::chrono;
  int years = 0;
  int months = 0;
  int days = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  iso_time read;
  if (!take_number(text, 4, years) || !take_char(text, '-') || !take_number(text, 2, months) ||
      !take_char(text, '-') || !take_number(text, 2, days) || years == 0) {
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
      if (take_char(text, '.')) {
        const auto fraction = take_fraction(text);
        if (!fraction) return std::nullopt;
        read.time.nanoseconds = *fraction;
      }
    }
  }
  const auto offset = take_offset(text);
  if (!offset || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  read.offset = *offset;
  read.time.seconds = duration_cast<seconds>(sys_days(date).time_since_epoch()).count() +
                      hour * 3600 + minute * 60 + second - duration_cast<seconds>(*offset).count();
  if (!has_four_digits(read.time.seconds)) return std::nullopt;
  return read;
}

std::optional<std::string> to_iso_text(const timestamp& time,
                                       std::optional<std::chrono::minutes> offset) {
  using namespace std::chrono;
  if (!has_four_digits(time.seconds)) return std::nullopt;
  const sys_seconds point = sys_seconds(seconds(time.seconds)) + offset.value_or(minutes(0));
  if (!has_four_digits(point.time_since_epoch().count())) return std::nullopt;
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
  // It writes no zeros at the end.
  if (const auto of_second = time.nanoseconds / 100; of_second != 0) {
    append_fraction(result, of_second);
    result.erase(result.find_last_not_of('0') + 1);
  }
  if (!offset) return result + 'Z';
  const auto apart = abs(*offset).count();
  const int zone = std::snprintf(text, sizeof text, "%c%02d:%02d", offset->count() < 0 ? '-' : '+',
                                 static_cast<int>(apart / 60), static_cast<int>(apart % 60));
  return result.append(text, static_cast<std::size_t>(zone));
}

std::string to_time_span_text(ticks span) {
  const bool negative = span.count() < 0;
  // Of the smallest there is no positive counterpart.
  const auto all = negative ? ~static_cast<std::uint64_t>(span.count()) + 1
                            : static_cast<std::uint64_t>(span.count());
  const auto whole = all / ticks_per_second;
  std::string out = negative ? "-" : "";
  if (const auto days = whole / 86'400; days != 0) out += std::to_string(days) + '.';
  char text[16];
  const int size =
      std::snprintf(text, sizeof text, "%02u:%02u:%02u", static_cast<unsigned>(whole / 3600 % 24),
                    static_cast<unsigned>(whole / 60 % 60), static_cast<unsigned>(whole % 60));
  out.append(text, static_cast<std::size_t>(size));
  if (const auto rest = all % ticks_per_second; rest != 0) {
    append_fraction(out, static_cast<std::uint32_t>(rest));
  }
  return out;
}

std::optional<ticks> from_time_span_text(std::string_view text) {
  const bool negative = take_char(text, '-');
  std::int64_t days = 0;
  if (const auto point = text.find('.'); point < text.find(':')) {
    const auto digits = text.substr(0, point);
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), days);
    if (digits.empty() || digits.front() == '-' || error != std::errc() || end != digits.end() ||
        days > 10'675'199) {
      return std::nullopt;
    }
    text.remove_prefix(point + 1);
  }
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  if (!take_number(text, 2, hours) || !take_char(text, ':') || !take_number(text, 2, minutes) ||
      !take_char(text, ':') || !take_number(text, 2, seconds) || hours > 23 || minutes > 59 ||
      seconds > 59) {
    return std::nullopt;
  }
  std::uint32_t fraction = 0;
  if (take_char(text, '.')) {
    const auto digits = text.size();
    const auto read = take_fraction(text);
    if (!read || digits > 7) return std::nullopt;
    fraction = *read / 100;
  }
  if (!text.empty()) return std::nullopt;
  const auto all =
      (detail::wide{days} * 86'400 + hours * 3600 + minutes * 60 + seconds) * ticks_per_second +
      fraction;
  return detail::to_duration<ticks, ticks::period>(negative ? -all : all);
}

}  // namespace saker::binding
