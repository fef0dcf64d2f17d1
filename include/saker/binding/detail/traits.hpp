#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <saker/binding/converter.hpp>
#include <saker/binding/document.hpp>
#include <saker/binding/fields.hpp>
#include <saker/binding/time.hpp>
#include <saker/binding/uuid.hpp>
#include <saker/binding/value_reader.hpp>
#include <saker/binding/value_writer.hpp>

// Classifies types for `write_value` and `read_value`: not for users.

namespace saker::binding::detail {

template <class T>
concept writes_itself =
    requires(value_writer& out, const T& value) { converter<T>::write(out, value); };
template <class T>
concept reads_itself = requires(value_reader& in) {
  { converter<T>::read(in) } -> std::same_as<T>;
};

template <class T>
concept has_fields = requires { saker_fields(type_tag<T>{}); };

template <class T>
concept has_enumerators = std::is_enum_v<T> && requires { saker_enumerators(type_tag<T>{}); };

template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = true;
template <class T>
inline constexpr bool is_sys_time = false;
template <class Duration>
inline constexpr bool is_sys_time<std::chrono::sys_time<Duration>> = true;

/// Excludes Saker's own serializers (document.hpp). In the primary template the functions are
/// templates, which have no address.
template <class T>
inline constexpr bool may_have_serializer =
    !is_sys_time<T> && !std::same_as<T, std::vector<std::byte>>;

/// A type's own conversion with nlohmann-json: a function found by argument-dependent lookup, or a
/// specialisation of adl_serializer; not the library's built-in conversions.
template <class T>
concept has_own_to_json = requires(json& to, const T& value) {
  to_json(to, value);
} || (may_have_serializer<T> && requires { decltype(&nlohmann::adl_serializer<T>::to_json){}; });
template <class T>
concept has_own_from_json = requires(const json& from, T& value) {
  from_json(from, value);
} || (may_have_serializer<T> && requires { decltype(&nlohmann::adl_serializer<T>::from_json){}; });

/// Anything else that nlohmann-json can convert.
template <class T>
concept has_to_json =
    requires(json& to, const T& value) { nlohmann::adl_serializer<T>::to_json(to, value); };
template <class T>
concept has_from_json =
    requires(const json& from, T& value) { nlohmann::adl_serializer<T>::from_json(from, value); };

template <class T, template <class...> class Template>
inline constexpr bool is_made_from = false;
template <template <class...> class Template, class... Arguments>
inline constexpr bool is_made_from<Template<Arguments...>, Template> = true;

template <class T>
concept nullable = is_made_from<T, std::optional> || is_made_from<T, std::unique_ptr> ||
                   is_made_from<T, std::shared_ptr>;

template <class T>
concept text_like =
    std::convertible_to<const T&, std::string_view> && !std::same_as<T, std::nullptr_t>;

/// Excludes ranges whose elements are of the same type, like a path.
template <class T>
concept range_like = std::ranges::forward_range<const T> &&
                     !std::same_as<std::remove_cv_t<std::ranges::range_value_t<const T>>, T>;

template <class Key>
concept key_like = text_like<Key> || std::is_enum_v<Key> || std::same_as<Key, uuid> ||
                   (std::integral<Key> && !std::same_as<Key, bool>);

/// Other maps are arrays of pairs.
template <class T>
concept map_like = range_like<T> && requires {
  typename T::mapped_type;
  requires key_like<typename T::key_type>;
};

template <class T>
concept takes_elements = range_like<T> && (requires(T& to, std::ranges::range_value_t<T> each) {
  to.push_back(std::move(each));
} || requires(T& to, std::ranges::range_value_t<T> each) { to.insert(std::move(each)); });

template <class T>
concept integer_like = std::integral<T> && sizeof(T) <= sizeof(std::uint64_t);

template <class T>
concept byte_range = std::ranges::contiguous_range<const T> && std::ranges::sized_range<const T> &&
                     std::same_as<std::remove_cv_t<std::ranges::range_value_t<const T>>, std::byte>;

template <class T>
concept tuple_like = requires { std::tuple_size<T>::value; };

template <class T>
inline constexpr bool is_std_array = false;
template <class T, std::size_t Size>
inline constexpr bool is_std_array<std::array<T, Size>> = true;

// Kinds, for variants. Branches that are alike are so for different reasons.
// NOLINTBEGIN(bugprone-branch-clone)

constexpr unsigned bit(value_kind kind) noexcept { return 1U << static_cast<unsigned>(kind); }

template <class T>
constexpr unsigned kinds_of() {
  if constexpr (writes_itself<T> || reads_itself<T> || std::same_as<T, json>) {
    return ~0U;
  } else if constexpr (has_fields<T>) {
    return bit(value_kind::object);
  } else if constexpr (std::same_as<T, std::monostate>) {
    return bit(value_kind::null);
  } else if constexpr (std::same_as<T, bool>) {
    return bit(value_kind::boolean);
  } else if constexpr (std::is_arithmetic_v<T>) {
    return bit(value_kind::number);
  } else if constexpr (has_enumerators<T> || (std::is_enum_v<T> && !has_own_from_json<T>)) {
    return bit(value_kind::number) | (has_enumerators<T> ? bit(value_kind::string) : 0U);
  } else if constexpr (has_own_to_json<T> || has_own_from_json<T>) {
    return ~0U;
  } else if constexpr (nullable<T>) {
    return bit(value_kind::null) | kinds_of<std::remove_cvref_t<decltype(*std::declval<T>())>>();
  } else if constexpr (text_like<T> || std::same_as<T, uuid>) {
    return bit(value_kind::string);
  } else if constexpr (byte_range<T>) {
    return bit(value_kind::string) | bit(value_kind::bytes);
  } else if constexpr (is_sys_time<T>) {
    return bit(value_kind::string) | bit(value_kind::extension);
  } else if constexpr (is_duration<T>) {
    return bit(value_kind::string) | bit(value_kind::number);
  } else if constexpr (std::same_as<T, date_time_offset>) {
    return bit(value_kind::string) | bit(value_kind::array);
  } else if constexpr (map_like<T>) {
    return bit(value_kind::object);
  } else if constexpr (range_like<T> || tuple_like<T>) {
    return bit(value_kind::array);
  } else {
    return ~0U;
  }
}

// NOLINTEND(bugprone-branch-clone)

template <class... Alternatives>
constexpr bool kinds_differ() {
  unsigned all = 0;
  bool differ = true;
  ((differ = differ && (all & kinds_of<Alternatives>()) == 0, all |= kinds_of<Alternatives>()),
   ...);
  return differ;
}

// Parts.

}  // namespace saker::binding::detail
