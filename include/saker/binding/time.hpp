#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>

namespace saker::binding {

/// Counts seconds and nanoseconds since 1970, as in MessagePack's timestamps.
///
/// Example:
/// ```cpp
/// const auto now = binding::to_timestamp(std::chrono::system_clock::now());
/// if (now) std::printf("%s\n", binding::to_iso_text(*now).value_or("too late").c_str());
/// ```
struct timestamp {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;  ///< Less than 1,000,000,000.
  bool operator==(const timestamp&) const = default;
};

/// .NET's unit of time: 100 ns.
using ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;

/// Holds a point in time and the writer's offset from UTC: .NET's DateTimeOffset.
///
/// Example:
/// ```cpp
/// const auto meeting = binding::from_json_text<binding::date_time_offset>(
///     R"("2025-03-01T09:30:00+01:00")");
/// std::printf("%d minutes\n", static_cast<int>(meeting.offset.count()));  // 60
/// ```
struct date_time_offset {
  std::chrono::sys_time<ticks> time;  ///< In UTC.
  std::chrono::minutes offset{0};
  bool operator==(const date_time_offset&) const = default;
};

/// Formats ISO 8601 with `Z` or a trailing offset, as .NET does; returns nothing for a time outside
/// the years 1 to 9999, with the offset or in UTC.
std::optional<std::string> to_iso_text(const timestamp& time,
                                       std::optional<std::chrono::minutes> offset = std::nullopt);
/// Holds a time that was read from ISO 8601 text.
///
/// Example:
/// ```cpp
/// const auto read = binding::from_iso_text("2025-03-01T09:30:00+01:00");
/// if (read) std::printf("%lld\n", static_cast<long long>(read->time.seconds));
/// ```
struct iso_time {
  timestamp time;  ///< In UTC.
  std::chrono::minutes offset{0};
};
/// Parses ISO 8601; returns nothing for malformed text, or for a time outside the years 1 to 9999
/// in UTC. Without an offset the text is read as UTC.
std::optional<iso_time> from_iso_text(std::string_view text);

/// Formats a .NET TimeSpan: `[-][d.]hh:mm:ss[.fffffff]`.
std::string to_time_span_text(ticks span);
std::optional<ticks> from_time_span_text(std::string_view text);

namespace detail {

// Wide enough for any 64-bit count of nanoseconds or longer units.
__extension__ using wide = __int128;

constexpr wide floor_divide(wide value, wide by) noexcept {
  return value / by - (value % by != 0 && (value < 0) != (by < 0) ? 1 : 0);
}

/// Returns a timestamp, with nanoseconds beyond a second carried over.
constexpr timestamp normal(std::int64_t seconds, std::int64_t nanoseconds) noexcept {
  constexpr std::int64_t second = 1'000'000'000;
  return {seconds + nanoseconds / second, static_cast<std::uint32_t>(nanoseconds % second)};
}

/// Converts a count of `From` to a Duration, rounded down; returns nothing if it is out of range.
template <class Duration, class From>
constexpr std::optional<Duration> to_duration(wide count) noexcept {
  using ratio = std::ratio_divide<From, typename Duration::period>;
  if constexpr (std::floating_point<typename Duration::rep>) {
    return Duration(static_cast<typename Duration::rep>(static_cast<long double>(count) *
                                                        ratio::num / ratio::den));
  } else {
    using limits = std::numeric_limits<typename Duration::rep>;
    const auto scaled = floor_divide(count * ratio::num, ratio::den);
    if (scaled < wide{limits::min()} || scaled > wide{limits::max()}) return std::nullopt;
    return Duration(static_cast<typename Duration::rep>(scaled));
  }
}

}  // namespace detail

/// Returns nothing if the type cannot represent the time, like the year 1 in nanoseconds.
template <class Duration>
constexpr std::optional<std::chrono::sys_time<Duration>> to_sys_time(
    const timestamp& time) noexcept {
  const auto nanoseconds = detail::wide{time.seconds} * 1'000'000'000 + time.nanoseconds;
  const auto since = detail::to_duration<Duration, std::nano>(nanoseconds);
  if (!since) return std::nullopt;
  return std::chrono::sys_time<Duration>(*since);
}

/// Returns nothing if the time does not fit.
template <class Duration>
constexpr std::optional<timestamp> to_timestamp(
    const std::chrono::sys_time<Duration>& time) noexcept {
  using period = typename Duration::period;
  const auto since = time.time_since_epoch().count();
  if constexpr (std::floating_point<typename Duration::rep>) {
    const auto seconds = static_cast<long double>(since) * period::num / period::den;
    if (!(seconds > -9.2e18L && seconds < 9.2e18L)) return std::nullopt;
    const auto whole = static_cast<std::int64_t>(seconds) - (seconds < 0 ? 1 : 0);
    return detail::normal(
        whole, static_cast<std::int64_t>((seconds - static_cast<long double>(whole)) * 1e9L));
  } else {
    // In steps, so that each product fits.
    const auto all = detail::wide{since} * period::num;
    const auto seconds = detail::floor_divide(all, period::den);
    const auto rest = (all - seconds * period::den) * 1'000'000'000 / period::den;
    using limits = std::numeric_limits<std::int64_t>;
    if (seconds < limits::min() || seconds > limits::max()) return std::nullopt;
    return timestamp{static_cast<std::int64_t>(seconds), static_cast<std::uint32_t>(rest)};
  }
}

/// Returns nothing for more than a TimeSpan holds (29,000 years).
template <class Rep, class Period>
constexpr std::optional<ticks> to_ticks(const std::chrono::duration<Rep, Period>& span) noexcept {
  if constexpr (std::floating_point<Rep>) {
    const auto count = std::chrono::duration<long double, ticks::period>(span).count();
    if (!(count > -9.2e18L && count < 9.2e18L)) return std::nullopt;
    return ticks(static_cast<std::int64_t>(count + (count < 0 ? -0.5L : 0.5L)));
  } else {
    return detail::to_duration<ticks, Period>(detail::wide{span.count()});
  }
}

template <class Duration>
constexpr std::optional<Duration> from_ticks(ticks span) noexcept {
  return detail::to_duration<Duration, ticks::period>(detail::wide{span.count()});
}

}  // namespace saker::binding
