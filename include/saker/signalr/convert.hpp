#pragma once

#include <concepts>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <saker/signalr/error.hpp>
#include <saker/signalr/json.hpp>
#include <saker/signalr/values.hpp>

namespace saker::signalr {

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

[[noreturn]] void throw_conversion_error(const std::type_info& type, const std::string& why);

}  // namespace detail

/// A C++ value as a value of the protocols; an absent `std::optional` is null.
template <class Value>
json to_json_value(Value&& value) {
  if constexpr (detail::is_optional<std::remove_cvref_t<Value>>) {
    return value ? to_json_value(*std::forward<Value>(value)) : json();
  } else {
    return json(std::forward<Value>(value));
  }
}

/// An array of the values.
template <class... Values>
json to_values(Values&&... values) {
  json::array_t array;
  array.reserve(sizeof...(values));
  (array.push_back(to_json_value(std::forward<Values>(values))), ...);
  return json(std::move(array));
}

/// A value of a client as a C++ value. Stricter than nlohmann-json's `get` where that would
/// silently change a number: an integer must be one and fit, a boolean is no number. Null is a
/// value of `std::optional` only. Throws when it cannot be converted.
template <class T>
T from_value(const json& value) {
  if constexpr (std::same_as<T, json>) {
    return value;
  } else if constexpr (detail::is_optional<T>) {
    if (value.is_null()) return std::nullopt;
    return from_value<typename T::value_type>(value);
  } else if constexpr (std::same_as<T, bool>) {
    if (!value.is_boolean()) refuse_value("true or false");
    return value.get<bool>();
  } else if constexpr (std::integral<T>) {
    if (!value.is_number_integer()) refuse_value("an integer");
    const bool fits = value.is_number_unsigned() ? std::in_range<T>(value.get<std::uint64_t>())
                                                 : std::in_range<T>(value.get<std::int64_t>());
    if (!fits) refuse_value("in the range of its type");
    return value.get<T>();
  } else if constexpr (std::floating_point<T>) {
    if (!value.is_number()) refuse_value("a number");
    return value.get<T>();
  } else {
    return value.get<T>();
  }
}

/// What a client has returned.
template <class T>
T from_client(const json& value) {
  try {
    return from_value<T>(value);
  } catch (const std::exception& error) {
    detail::throw_conversion_error(typeid(T), error.what());
  }
}

}  // namespace saker::signalr
