#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>

#include <saker/binding/converter.hpp>
#include <saker/binding/detail/parts.hpp>
#include <saker/binding/detail/traits.hpp>
#include <saker/binding/error.hpp>

// `write_value` and `read_value` (converter.hpp) for each kind of type.

namespace saker::binding {

namespace detail {

/// Instantiated for a type that cannot be bound, so that the compiler's error names the type.
template <class T>
struct cannot_bind {
  static_assert(!std::is_same_v<T, T>,
                "Saker cannot bind this type. List its members with SAKER_FIELDS (an enumeration's "
                "values with SAKER_ENUM), specialise saker::binding::converter for it, or give it "
                "to_json and from_json of nlohmann-json.");
};

}  // namespace detail

// Branches that are alike are so for different reasons.
// NOLINTBEGIN(bugprone-branch-clone)

template <class T>
void write_value(value_writer& out, const T& value) {
  if constexpr (detail::writes_itself<T>) {
    converter<T>::write(out, value);
  } else if constexpr (std::same_as<T, json>) {
    write_document(out, value);
  } else if constexpr (detail::has_fields<T>) {
    detail::write_fields(out, value);
  } else if constexpr (std::same_as<T, bool>) {
    out.boolean(value);
  } else if constexpr (std::same_as<T, float>) {
    out.number(value);
  } else if constexpr (std::floating_point<T>) {
    out.number(static_cast<double>(value));
  } else if constexpr (detail::integer_like<T> && std::signed_integral<T>) {
    out.integer(value);
  } else if constexpr (detail::integer_like<T>) {
    out.unsigned_integer(value);
  } else if constexpr (detail::has_enumerators<T> ||
                       (std::is_enum_v<T> && !detail::has_own_to_json<T>)) {
    detail::write_enum(out, value, false);
  } else if constexpr (detail::has_own_to_json<T>) {
    write_document(out, json(value));
  } else if constexpr (std::same_as<T, std::nullptr_t> || std::same_as<T, std::monostate>) {
    out.null();
  } else if constexpr (std::is_pointer_v<T> && detail::text_like<T>) {
    value ? out.string(value) : out.null();
  } else if constexpr (detail::text_like<T>) {
    out.string(value);
  } else if constexpr (detail::nullable<T>) {
    if (value) {
      write_value(out, *value);
    } else {
      out.null();
    }
  } else if constexpr (detail::byte_range<T>) {
    out.bytes(std::span(std::ranges::data(value), std::ranges::size(value)));
  } else if constexpr (detail::is_sys_time<T>) {
    const auto time = to_timestamp(value);
    if (!time) throw binding_error("The point in time does not fit.");
    out.time(*time);
  } else if constexpr (detail::is_duration<T>) {
    detail::write_ticks(out, to_ticks(value));
  } else if constexpr (std::same_as<T, date_time_offset>) {
    detail::write_offset(out, value);
  } else if constexpr (std::same_as<T, uuid>) {
    out.string(value.text());
  } else if constexpr (detail::map_like<T>) {
    detail::write_map(out, value);
  } else if constexpr (detail::range_like<T>) {
    detail::write_range(out, value);
  } else if constexpr (detail::is_made_from<T, std::variant>) {
    std::visit([&](const auto& each) { write_value(out, each); }, value);
  } else if constexpr (detail::tuple_like<T>) {
    out.begin_array(std::tuple_size_v<T>);
    std::apply([&](const auto&... each) { (write_value(out, each), ...); }, value);
    out.end_array();
  } else if constexpr (detail::has_to_json<T>) {
    write_document(out, json(value));
  } else {
    detail::cannot_bind<T>();
  }
}

template <class T>
T read_value(value_reader& in) {
  if constexpr (detail::reads_itself<T>) {
    return converter<T>::read(in);
  } else if constexpr (std::same_as<T, json>) {
    return read_document(in);
  } else if constexpr (detail::has_fields<T>) {
    return detail::read_fields<T>(in);
  } else if constexpr (std::same_as<T, bool>) {
    return in.boolean();
  } else if constexpr (std::same_as<T, float>) {
    return in.single();
  } else if constexpr (std::floating_point<T>) {
    return in.number();
  } else if constexpr (detail::integer_like<T>) {
    return detail::read_integer<T>(in);
  } else if constexpr (detail::has_enumerators<T> ||
                       (std::is_enum_v<T> && !detail::has_own_from_json<T>)) {
    return detail::read_enum<T>(in);
  } else if constexpr (detail::has_own_from_json<T>) {
    return detail::read_converted<T>(in);
  } else if constexpr (std::same_as<T, std::nullptr_t> || std::same_as<T, std::monostate>) {
    if (!in.null()) detail::refuse_value("null");
    return T{};
  } else if constexpr (detail::text_like<T> && std::constructible_from<T, std::string_view>) {
    static_assert(!std::same_as<T, std::string_view>,
                  "A std::string_view would look at bytes that have gone: take a std::string.");
    return T(in.string());
  } else if constexpr (detail::is_made_from<T, std::optional>) {
    if (in.null()) return std::nullopt;
    return read_value<typename T::value_type>(in);
  } else if constexpr (detail::nullable<T>) {
    using element = std::remove_cv_t<typename T::element_type>;
    if (in.null()) return nullptr;
    return T(std::make_unique<element>(read_value<element>(in)));
  } else if constexpr (detail::byte_range<T>) {
    const auto bytes = in.bytes();
    if constexpr (detail::is_std_array<T>) {
      T value;
      if (bytes.size() != value.size()) detail::refuse_value("bytes of the right number");
      std::ranges::copy(bytes, value.begin());
      return value;
    } else {
      return T(bytes.begin(), bytes.end());
    }
  } else if constexpr (detail::is_sys_time<T>) {
    const auto time = to_sys_time<typename T::duration>(in.time());
    if (!time) detail::refuse_value("a point in time that fits");
    return *time;
  } else if constexpr (detail::is_duration<T>) {
    const auto span = from_ticks<T>(detail::read_ticks(in));
    if (!span) detail::refuse_value("a span of time that fits");
    return *span;
  } else if constexpr (std::same_as<T, date_time_offset>) {
    return detail::read_offset(in);
  } else if constexpr (std::same_as<T, uuid>) {
    const auto read = uuid::parse(in.string());
    if (!read) detail::refuse_value("a UUID");
    return *read;
  } else if constexpr (detail::map_like<T>) {
    return detail::read_map<T>(in);
  } else if constexpr (detail::takes_elements<T> || detail::is_std_array<T>) {
    return detail::read_range<T>(in);
  } else if constexpr (detail::is_made_from<T, std::variant>) {
    return [&]<class... Each>(type_tag<std::variant<Each...>>) {
      return detail::read_variant<Each...>(in);
    }(type_tag<T>{});
  } else if constexpr (detail::tuple_like<T>) {
    return detail::read_tuple<T>(in);
  } else if constexpr (detail::has_from_json<T>) {
    return detail::read_converted<T>(in);
  } else {
    detail::cannot_bind<T>();
  }
}

// NOLINTEND(bugprone-branch-clone)

}  // namespace saker::binding
