#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saker/signalr/json.hpp>

namespace saker::signalr {

/// Bytes and points in time, which JSON has no types for. In both protocols
///
/// - `std::vector<std::byte>` is .NET's byte[]: base64 in JSON, bin in MessagePack (which is what
///   JavaScript's Uint8Array is sent as);
/// - `std::chrono::sys_time` of any precision is .NET's DateTime and JavaScript's Date: ISO 8601 in
///   JSON, the timestamp extension (type -1) in MessagePack.
///
/// The conversions below make them arguments, results and members like any others.

/// The subtype with which the value model marks a timestamp: -1, as nlohmann-json reads it.
inline constexpr json::binary_t::subtype_type timestamp_subtype = 0xff;

/// Seconds and nanoseconds since 1970, as the timestamp extension has them.
struct timestamp {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  bool operator==(const timestamp&) const = default;
};

json to_value(const timestamp& time);
/// From a timestamp or a text in ISO 8601; absent when it is neither.
std::optional<timestamp> to_timestamp(const json& value);

json to_value(std::span<const std::byte> bytes);
/// From bytes or base64; absent when it is neither.
std::optional<std::vector<std::byte>> to_bytes(const json& value);

/// For Saker's own rooms: how JSON shows a value that it has no type for.
std::string binary_as_text(const json::binary_t& value);

[[noreturn]] void refuse_value(const char* wanted);

}  // namespace saker::signalr

namespace nlohmann {

template <class Duration>
struct adl_serializer<std::chrono::time_point<std::chrono::system_clock, Duration>> {
  using time_point = std::chrono::time_point<std::chrono::system_clock, Duration>;

  static void to_json(json& value, const time_point& time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
    const auto rest =
        std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch() - seconds);
    value = saker::signalr::to_value(
        saker::signalr::timestamp{seconds.count(), static_cast<std::uint32_t>(rest.count())});
  }
  static void from_json(const json& value, time_point& time) {
    const auto read = saker::signalr::to_timestamp(value);
    if (!read) saker::signalr::refuse_value("a point in time");
    time = time_point(
        std::chrono::duration_cast<Duration>(std::chrono::seconds(read->seconds)) +
        std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(read->nanoseconds)));
  }
};

template <>
struct adl_serializer<std::vector<std::byte>> {
  static void to_json(json& value, const std::vector<std::byte>& bytes) {
    value = saker::signalr::to_value(std::span<const std::byte>(bytes));
  }
  static void from_json(const json& value, std::vector<std::byte>& bytes) {
    auto read = saker::signalr::to_bytes(value);
    if (!read) saker::signalr::refuse_value("bytes");
    bytes = std::move(*read);
  }
};

}  // namespace nlohmann
