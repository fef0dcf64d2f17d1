#include "http/message/http_date.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace saker::http {

namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> day_names = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> long_day_names = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr std::int64_t first_second =
    sys_seconds(sys_days(year(0) / January / 1)).time_since_epoch().count();
constexpr std::int64_t last_second =
    sys_seconds(sys_days(year(10000) / January / 1)).time_since_epoch().count() - 1;

void append_number(std::string& text, int value, int digits) {
  for (int unit = digits == 4 ? 1000 : 10; unit > 0; unit /= 10) {
    text.push_back(static_cast<char>('0' + value / unit % 10));
  }
}

/// Takes the text apart from the left; the first mismatch makes everything after it fail.
class reader {
 public:
  explicit reader(std::string_view text) noexcept : rest_(text) {}

  void literal(std::string_view expected) noexcept {
    if (!rest_.starts_with(expected)) return fail();
    rest_.remove_prefix(expected.size());
  }

  int number(std::size_t digits) noexcept {
    if (rest_.size() < digits) return fail(), 0;
    int value = 0;
    for (char c : rest_.substr(0, digits)) {
      if (c < '0' || c > '9') return fail(), 0;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }

  template <std::size_t Count>
  int name(const std::array<std::string_view, Count>& names) noexcept {
    for (std::size_t i = 0; i < Count; ++i) {
      if (!rest_.starts_with(names[i])) continue;
      rest_.remove_prefix(names[i].size());
      return static_cast<int>(i);
    }
    return fail(), 0;
  }

  /// asctime pads the day with a blank.
  int padded_day() noexcept {
    if (!rest_.starts_with(' ')) return number(2);
    rest_.remove_prefix(1);
    return number(1);
  }

  bool at(char c) const noexcept { return rest_.starts_with(c); }
  bool done() const noexcept { return ok_ && rest_.empty(); }

 private:
  void fail() noexcept { ok_ = false, rest_ = {}; }

  std::string_view rest_;
  bool ok_ = true;
};

struct parts {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

void read_time(reader& in, parts& date) noexcept {
  date.hour = in.number(2);
  in.literal(":");
  date.minute = in.number(2);
  in.literal(":");
  date.second = in.number(2);
}

bool read_imf(reader in, parts& date) noexcept {
  in.name(day_names);
  in.literal(", ");
  date.day = in.number(2);
  in.literal(" ");
  date.month = in.name(month_names) + 1;
  in.literal(" ");
  date.year = in.number(4);
  in.literal(" ");
  read_time(in, date);
  in.literal(" GMT");
  return in.done();
}

/// A two-digit year that seems more than 50 years ahead is in the past (RFC 9110, section 5.6.7).
int full_year(int two_digits) noexcept {
  auto today = floor<days>(system_clock::now());
  int now = static_cast<int>(year_month_day(today).year());
  int result = now - now % 100 + two_digits;
  return result > now + 50 ? result - 100 : result;
}

bool read_rfc850(reader in, parts& date) noexcept {
  in.name(long_day_names);
  in.literal(", ");
  date.day = in.number(2);
  in.literal("-");
  date.month = in.name(month_names) + 1;
  in.literal("-");
  date.year = full_year(in.number(2));
  in.literal(" ");
  read_time(in, date);
  in.literal(" GMT");
  return in.done();
}

bool read_asctime(reader in, parts& date) noexcept {
  in.name(day_names);
  in.literal(" ");
  date.month = in.name(month_names) + 1;
  in.literal(" ");
  date.day = in.padded_day();
  in.literal(" ");
  read_time(in, date);
  in.literal(" ");
  date.year = in.number(4);
  return in.done();
}

}  // namespace

std::string format_http_date(std::time_t time) {
  auto clamped = std::clamp<std::int64_t>(time, first_second, last_second);
  sys_seconds at{seconds(clamped)};
  auto midnight = floor<days>(at);
  year_month_day date(midnight);
  hh_mm_ss clock(at - midnight);

  std::string text;
  text.reserve(29);
  text.append(day_names[weekday(midnight).c_encoding()]).append(", ");
  append_number(text, static_cast<int>(static_cast<unsigned>(date.day())), 2);
  text.append(" ").append(month_names[static_cast<unsigned>(date.month()) - 1]).append(" ");
  append_number(text, static_cast<int>(date.year()), 4);
  text.append(" ");
  append_number(text, static_cast<int>(clock.hours().count()), 2);
  text.append(":");
  append_number(text, static_cast<int>(clock.minutes().count()), 2);
  text.append(":");
  append_number(text, static_cast<int>(clock.seconds().count()), 2);
  return text.append(" GMT");
}

std::string format_http_date(system_clock::time_point time) {
  auto whole = floor<seconds>(time).time_since_epoch();
  return format_http_date(static_cast<std::time_t>(whole.count()));
}

std::string_view current_http_date() {
  thread_local std::time_t second = 0;
  thread_local std::string text;
  if (const auto now = std::time(nullptr); now != second) {
    second = now;
    text = format_http_date(now);
  }
  return text;
}

std::optional<std::time_t> parse_http_date(std::string_view text) noexcept {
  parts at;
  reader in(text);
  if (!read_imf(in, at) && !read_rfc850(in, at) && !read_asctime(in, at)) return std::nullopt;
  auto date = year(at.year) / at.month / at.day;
  // A leap second is 60.
  if (!date.ok() || at.hour > 23 || at.minute > 59 || at.second > 60) return std::nullopt;
  auto time = sys_days(date) + hours(at.hour) + minutes(at.minute) + seconds(at.second);
  return static_cast<std::time_t>(time.time_since_epoch().count());
}

}  // namespace saker::http
