#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <exception>
#include <limits>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <saker/binding/detail/traits.hpp>

// Values that are composed of others: not for users.

namespace saker::binding::detail {

[[noreturn]] void refuse_value(const char* wanted);
[[noreturn]] void refuse_missing(std::string_view member);
[[noreturn]] void refuse_enumerator();

template <class Enum>
void write_enum(value_writer& out, Enum value, bool as_key) {
  using number = std::underlying_type_t<Enum>;
  const auto numbered = static_cast<number>(value);
  if constexpr (has_enumerators<Enum>) {
    static constexpr auto all = saker_enumerators(type_tag<Enum>{});
    if (as_key || out.chosen().enums == enum_form::name) {
      const auto how =
          out.chosen().members == naming::verbatim ? naming::verbatim : naming::pascal_case;
      std::string_view name;
      std::apply(
          [&](const auto&... each) {
            (void)((each.value == value ? (name = each.name.as(how), true) : false) || ...);
          },
          all);
      if (as_key || !name.empty() || !out.is_text()) {
        // A MessagePack reader that expects names accepts numbers only as text, a JSON reader only
        // as numbers.
        const auto digits = name.empty() ? std::to_string(+numbered) : std::string();
        if (name.empty()) name = digits;
        as_key ? out.key(name) : out.string(name);
        return;
      }
    }
  }
  if constexpr (std::is_signed_v<number>) {
    as_key ? out.integer_key(numbered) : out.integer(numbered);
  } else {
    as_key ? out.unsigned_key(numbered) : out.unsigned_integer(numbered);
  }
}

template <class Enum>
std::optional<Enum> enum_named(std::string_view text) {
  std::optional<Enum> found;
  static constexpr auto all = saker_enumerators(type_tag<Enum>{});
  std::apply(
      [&](const auto&... each) {
        (void)((same_name(each.name.as(naming::verbatim), text) ? (found = each.value, true)
                                                                : false) ||
               ...);
      },
      all);
  return found;
}

template <class T>
T read_integer(value_reader& in) {
  using limits = std::numeric_limits<T>;
  if constexpr (std::is_signed_v<T>) {
    return static_cast<T>(in.integer(limits::min(), limits::max()));
  } else {
    return static_cast<T>(in.unsigned_integer(limits::max()));
  }
}

/// Every number is a value only of an enumeration with a fixed underlying type.
template <class Enum>
Enum enum_numbered(std::underlying_type_t<Enum> number) {
  if constexpr (has_enumerators<Enum> && !requires { Enum{std::underlying_type_t<Enum>{}}; }) {
    static constexpr auto all = saker_enumerators(type_tag<Enum>{});
    const auto is_one = [&](const auto&... each) {
      return ((static_cast<std::underlying_type_t<Enum>>(each.value) == number) || ...);
    };
    if (!std::apply(is_one, all)) refuse_enumerator();
  }
  return static_cast<Enum>(number);
}

/// Finds a value by its name, or by its number if the text is not a name.
template <class Enum>
Enum enum_of(std::string_view text) {
  if (const auto found = enum_named<Enum>(text)) return *found;
  using number = std::underlying_type_t<Enum>;
  // bool and character types are read as their numbers.
  using widest = std::conditional_t<std::is_signed_v<number>, std::int64_t, std::uint64_t>;
  widest read{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
  const auto numbered = static_cast<number>(read);
  if (error != std::errc() || end != text.data() + text.size() ||
      static_cast<widest>(numbered) != read) {
    refuse_enumerator();
  }
  return enum_numbered<Enum>(numbered);
}

template <class Enum>
Enum read_enum(value_reader& in) {
  if constexpr (has_enumerators<Enum>) {
    if (in.peek() == value_kind::string) {
      if (!in.is_text()) return enum_of<Enum>(in.string());
      // Numbers have their own form in such a format.
      const auto found = enum_named<Enum>(in.string());
      if (!found) refuse_enumerator();
      return *found;
    }
  }
  return enum_numbered<Enum>(read_integer<std::underlying_type_t<Enum>>(in));
}

template <class Key>
void write_key(value_writer& out, const Key& key) {
  if constexpr (text_like<Key>) {
    out.key(key);
  } else if constexpr (std::is_enum_v<Key>) {
    write_enum(out, key, true);
  } else if constexpr (std::same_as<Key, uuid>) {
    out.key(key.text());
  } else if constexpr (std::signed_integral<Key>) {
    out.integer_key(key);
  } else {
    out.unsigned_key(key);
  }
}

template <class Key>
Key read_key(value_reader& in) {
  if constexpr (text_like<Key>) {
    static_assert(!std::same_as<Key, std::string_view>,
                  "A std::string_view would look at bytes that have gone: take a std::string.");
    return Key(in.key());
  } else if constexpr (std::is_enum_v<Key>) {
    using number = std::underlying_type_t<Key>;
    if constexpr (has_enumerators<Key>) {
      if (in.peek() == value_kind::string) return enum_of<Key>(in.key());
    }
    return enum_numbered<Key>(read_key<number>(in));
  } else if constexpr (std::same_as<Key, uuid>) {
    const auto read = uuid::parse(in.key());
    if (!read) refuse_value("a UUID");
    return *read;
  } else if constexpr (std::signed_integral<Key>) {
    using limits = std::numeric_limits<Key>;
    return static_cast<Key>(in.integer_key(limits::min(), limits::max()));
  } else {
    return static_cast<Key>(in.unsigned_key(std::numeric_limits<Key>::max()));
  }
}

template <class T>
void write_fields(value_writer& out, const T& value) {
  static constexpr auto fields = saker_fields(type_tag<T>{});
  out.begin_object(std::tuple_size_v<std::remove_const_t<decltype(fields)>>);
  std::apply(
      [&](const auto&... each) {
        ((out.key(each.name(out.chosen().members)), write_value(out, value.*each.member())), ...);
      },
      fields);
  out.end_object();
}

/// The members' names as they are spelled.
template <class Fields>
constexpr auto names_of(const Fields& fields) {
  return std::apply(
      [](const auto&... each) {
        return std::array<std::string_view, sizeof...(each)>{each.name(naming::verbatim)...};
      },
      fields);
}

constexpr bool names_differ(std::span<const std::string_view> names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (same_name(names[i], names[k])) return false;
    }
  }
  return true;
}

/// Returns the index of a name, or the size if there is none. Members usually come in order.
inline std::size_t place_of(std::span<const std::string_view> names, std::string_view key,
                            std::size_t expected) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto place = (expected + i) % names.size();
    if (same_name(names[place], key)) return place;
  }
  return names.size();
}

/// Reads members that are listed as fields; Places are 0, 1, 2, ...
template <class T, std::size_t... Places>
T read_fields(value_reader& in, std::index_sequence<Places...>) {
  static constexpr auto fields = saker_fields(type_tag<T>{});
  static constexpr auto names = names_of(fields);
  static_assert(names_differ(names),
                "Two members have the same name but for case and underscores.");
  static_assert(std::default_initializable<T>,
                "A type with SAKER_FIELDS is made first and filled then: it needs a constructor "
                "without arguments, or a saker::binding::converter.");
  T value{};
  const auto take = [&](const auto& field) {
    using member = typename std::remove_cvref_t<decltype(field)>::member_type;
    value.*field.member() = read_value<member>(in);
    return true;
  };
  std::array<bool, names.size()> seen{};
  std::size_t expected = 0;
  for (in.begin_object(); in.next_member();) {
    const auto place = place_of(names, in.key(), expected);
    if (place == names.size()) {
      in.skip();
      continue;
    }
    (void)((Places == place && take(std::get<Places>(fields))) || ...);
    seen[place] = true;
    expected = place + 1;
  }
  const auto require = [](const auto& field, bool found) {
    if (field.is_required() && !found) refuse_missing(field.name(naming::verbatim));
  };
  (require(std::get<Places>(fields), seen[Places]), ...);
  return value;
}

template <class T>
T read_fields(value_reader& in) {
  using fields = std::remove_cvref_t<decltype(saker_fields(type_tag<T>{}))>;
  return read_fields<T>(in, std::make_index_sequence<std::tuple_size_v<fields>>{});
}

/// Limits the memory reserved before any element has arrived.
template <class T>
std::size_t room_for(std::size_t announced) noexcept {
  constexpr std::size_t most_bytes = 16 * 1024;
  return std::min(announced, most_bytes / sizeof(T) + 1);
}

template <class T>
T read_range(value_reader& in) {
  using element = std::ranges::range_value_t<T>;
  T value;
  const auto size = in.begin_array();
  if constexpr (is_std_array<T>) {
    std::size_t count = 0;
    while (in.next_element()) {
      if (count == value.size()) refuse_value("an array of the right size");
      value[count++] = read_value<element>(in);
    }
    if (count != value.size()) refuse_value("an array of the right size");
  } else {
    if constexpr (requires { value.reserve(size); }) value.reserve(room_for<element>(size));
    while (in.next_element()) {
      if constexpr (requires { value.push_back(std::declval<element>()); }) {
        value.push_back(read_value<element>(in));
      } else {
        value.insert(read_value<element>(in));
      }
    }
  }
  return value;
}

template <class T>
T read_map(value_reader& in) {
  T value;
  for (in.begin_object(); in.next_member();) {
    auto key = read_key<typename T::key_type>(in);
    auto mapped = read_value<typename T::mapped_type>(in);
    if constexpr (requires { value.insert_or_assign(std::move(key), std::move(mapped)); }) {
      value.insert_or_assign(std::move(key), std::move(mapped));
    } else {
      value.emplace(std::move(key), std::move(mapped));
    }
  }
  return value;
}

template <class T>
T read_tuple(value_reader& in) {
  in.begin_array();
  const auto next = [&](bool wanted) {
    if (in.next_element() != wanted) refuse_value("an array of the right size");
  };
  return [&]<std::size_t... Places>(std::index_sequence<Places...>) {
    // Braces evaluate from first to last.
    T value{(next(true), read_value<std::remove_cv_t<std::tuple_element_t<Places, T>>>(in))...};
    next(false);
    return value;
  }(std::make_index_sequence<std::tuple_size_v<T>>{});
}

template <class... Alternatives>
std::variant<Alternatives...> read_variant(value_reader& in) {
  static_assert(kinds_differ<Alternatives...>(),
                "The alternatives of a variant must differ in kind: null, true or false, numbers, "
                "texts, arrays, objects.");
  const auto kind = bit(in.peek());
  std::optional<std::variant<Alternatives...>> value;
  (void)(((kinds_of<Alternatives>() & kind) != 0 &&
          (value.emplace(read_value<Alternatives>(in)), true)) ||
         ...);
  if (!value) refuse_value("of a kind that is wanted");
  return std::move(*value);
}

template <class T>
void write_range(value_writer& out, const T& value) {
  out.begin_array(static_cast<std::size_t>(std::ranges::distance(value)));
  for (const auto& each : value) write_value<std::ranges::range_value_t<const T>>(out, each);
  out.end_array();
}

template <class T>
void write_map(value_writer& out, const T& value) {
  out.begin_object(static_cast<std::size_t>(std::ranges::distance(value)));
  for (const auto& [key, each] : value) {
    write_key(out, key);
    write_value(out, each);
  }
  out.end_object();
}

/// Returns whether numbers at the same place in both documents are equal.
bool has_the_same_numbers(const json& left, const json& right);

/// Returns the document with small fractions in place of its floating-point numbers; nothing if all
/// of them are small.
std::vector<json> with_small_fractions(const json& document);

/// Checks nlohmann-json's conversions: for an int or a byte it makes 1 of 1.9, 1 of true and 44 of
/// 300, so the converted value is compared with the document. It also casts 1e300, which is
/// undefined, so a type that makes an integer of 0.5, or of another fraction if it requires larger
/// numbers, is not given it.
template <class T>
T read_converted(value_reader& in) {
  const auto document = read_document(in);
  if constexpr (has_own_to_json<T> || has_to_json<T>) {
    const auto require_same = [](const json& came, const json& made) {
      if (!has_the_same_numbers(came, made)) refuse_value("made of numbers that fit");
    };
    for (const auto& each : with_small_fractions(document)) {
      json made;
      try {
        made = json(each.get<T>());
      } catch (const std::exception&) {
        continue;  // Its conversion wants other numbers.
      }
      require_same(each, made);
      break;
    }
    auto value = document.get<T>();
    require_same(document, json(value));
    return value;
  } else {
    return document.get<T>();
  }
}

void write_ticks(value_writer& out, std::optional<ticks> span);
ticks read_ticks(value_reader& in);
void write_offset(value_writer& out, const date_time_offset& value);
date_time_offset read_offset(value_reader& in);

}  // namespace saker::binding::detail
