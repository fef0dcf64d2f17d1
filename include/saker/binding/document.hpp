#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <saker/binding/error.hpp>
#include <saker/binding/time.hpp>

namespace saker {

/// A value of any type: a value bound to it is kept as received.
using json = nlohmann::json;

namespace binding {

/// The subtype that marks timestamps in documents, because JSON has no type for them: a timestamp
/// is binary of this subtype (-1, MessagePack's number for it), bytes are binary without a subtype.
/// In JSON text they are ISO 8601 and base64.
inline constexpr json::binary_t::subtype_type timestamp_subtype = 0xff;

class value_reader;
class value_writer;

void write_document(value_writer& out, const json& value);
/// Throws binding_error for a map with keys that are not strings.
json read_document(value_reader& in);

json to_document(const timestamp& time);
json to_document(std::span<const std::byte> bytes);
/// Converts a timestamp or a string in ISO 8601; returns nothing for any other value.
std::optional<timestamp> timestamp_of(const json& value);
/// Converts bytes or a base64 string; returns nothing for any other value.
std::optional<std::vector<std::byte>> bytes_of(const json& value);

}  // namespace binding
}  // namespace saker

// For types with their own nlohmann-json conversion that have bytes or times as members.
namespace nlohmann {

template <class Duration>
struct adl_serializer<std::chrono::time_point<std::chrono::system_clock, Duration>> {
  using time_point = std::chrono::time_point<std::chrono::system_clock, Duration>;

  static void to_json(json& value, const time_point& time) {
    const auto made = saker::binding::to_timestamp(time);
    if (!made) throw saker::binding::binding_error("The point in time does not fit.");
    value = saker::binding::to_document(*made);
  }
  static void from_json(const json& value, time_point& time) {
    const auto read = saker::binding::timestamp_of(value);
    const auto made = read ? saker::binding::to_sys_time<Duration>(*read) : std::nullopt;
    if (!made) throw saker::binding::binding_error("The value is not a point in time that fits.");
    time = *made;
  }
};

template <>
struct adl_serializer<std::vector<std::byte>> {
  static void to_json(json& value, const std::vector<std::byte>& bytes) {
    value = saker::binding::to_document(std::span<const std::byte>(bytes));
  }
  static void from_json(const json& value, std::vector<std::byte>& bytes) {
    auto read = saker::binding::bytes_of(value);
    if (!read) throw saker::binding::binding_error("The value is not bytes.");
    bytes = std::move(*read);
  }
};

}  // namespace nlohmann
