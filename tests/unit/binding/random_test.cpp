// What is written reads back as it was: random values of many types, through both formats.

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <variant>
#include <vector>

#include "support/bound_types.hpp"

namespace saker::binding {
namespace {

using testing::colour;
using testing::leaf;
using testing::tree;
using generator = std::mt19937_64;

template <class T>
T any(generator& from);

std::size_t small(generator& from) {
  // Now and then beyond the sizes at which MessagePack changes its form.
  const auto choice = from() % 64;
  return choice == 0 ? 300 : choice < 4 ? 40 : choice % 6;
}

template <class T>
T any_number(generator& from) {
  if constexpr (std::floating_point<T>) {
    using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    const auto value = std::bit_cast<T>(static_cast<bits>(from()));
    return std::isfinite(value) ? value : T(from() % 1000);
  } else {
    // All widths alike.
    return static_cast<T>(from() >> (from() % 64));
  }
}

std::string any_text(generator& from) {
  static constexpr std::array<const char*, 10> pieces{
      "a", "\"", "\\", "\n", "\x01", "/", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "word "};
  std::string text;
  for (auto left = small(from); left != 0; --left) text += pieces[from() % pieces.size()];
  if (from() % 32 == 0) text += '\0';
  return text;
}

template <class T>
T any_of_kind(generator& from) {
  if constexpr (std::is_same_v<T, bool>) {
    return from() % 2 == 0;
  } else if constexpr (std::is_arithmetic_v<T>) {
    return any_number<T>(from);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return any_text(from);
  } else if constexpr (std::is_same_v<T, colour>) {
    return static_cast<colour>(static_cast<int>(from() % 3) - 3);
  } else if constexpr (std::is_same_v<T, std::byte>) {
    return static_cast<std::byte>(from());
  } else if constexpr (std::is_same_v<T, uuid>) {
    uuid made;
    for (auto& each : made.bytes) each = static_cast<std::byte>(from());
    return made;
  } else if constexpr (detail::is_duration<T>) {
    return T(static_cast<typename T::rep>(from() % 1'000'000'000) - 500'000'000);
  } else if constexpr (detail::is_sys_time<T>) {
    return T(
        typename T::duration(static_cast<std::int64_t>(from() % 200'000'000'000) - 60'000'000'000));
  } else if constexpr (std::is_same_v<T, date_time_offset>) {
    return {any<std::chrono::sys_seconds>(from),
            std::chrono::minutes(static_cast<int>(from() % 1681) - 840)};
  } else {
    return {};
  }
}

template <class T>
inline constexpr bool is_variant = false;
template <class... Each>
inline constexpr bool is_variant<std::variant<Each...>> = true;

template <class T, std::size_t Place = 0>
T any_alternative(generator& from, std::size_t place) {
  if constexpr (Place + 1 < std::variant_size_v<T>) {
    if (place != Place) return any_alternative<T, Place + 1>(from, place);
  }
  return T(any<std::variant_alternative_t<Place, T>>(from));
}

template <class T>
T any(generator& from) {
  if constexpr (std::is_same_v<T, leaf>) {
    return {any_text(from), any<std::optional<double>>(from)};
  } else if constexpr (std::is_same_v<T, tree>) {
    tree made{any<std::int64_t>(from),
              any<colour>(from),
              any<std::vector<leaf>>(from),
              any<decltype(tree::named)>(from),
              any<decltype(tree::what)>(from),
              any<std::vector<std::byte>>(from),
              {}};
    if (from() % 4 == 0) made.branches.push_back(any<tree>(from));
    return made;
  } else if constexpr (detail::is_made_from<T, std::optional>) {
    if (from() % 2 == 0) return std::nullopt;
    return any<typename T::value_type>(from);
  } else if constexpr (is_variant<T>) {
    return any_alternative<T>(from, from() % std::variant_size_v<T>);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return any_text(from);
  } else if constexpr (detail::map_like<T>) {
    T made;
    for (auto left = small(from); left != 0; --left) {
      auto key = any<typename T::key_type>(from);
      made.insert_or_assign(std::move(key), any<typename T::mapped_type>(from));
    }
    return made;
  } else if constexpr (detail::is_std_array<T>) {
    T made{};
    for (auto& each : made) each = any<typename T::value_type>(from);
    return made;
  } else if constexpr (detail::range_like<T>) {
    T made;
    for (auto left = small(from); left != 0; --left) {
      made.insert(made.end(), any<typename T::value_type>(from));
    }
    return made;
  } else if constexpr (detail::tuple_like<T>) {
    return [&]<std::size_t... Places>(std::index_sequence<Places...>) {
      return T{any<std::tuple_element_t<Places, T>>(from)...};
    }(std::make_index_sequence<std::tuple_size_v<T>>{});
  } else {
    return any_of_kind<T>(from);
  }
}

template <class T>
class binding_random : public ::testing::Test {};

using types = ::testing::Types<
    bool, std::int8_t, std::uint16_t, std::int32_t, std::int64_t, std::uint64_t, float, double,
    std::string, colour, uuid, std::vector<std::byte>, std::array<std::byte, 5>,
    std::chrono::sys_time<ticks>, std::chrono::sys_time<std::chrono::milliseconds>,
    std::chrono::milliseconds, ticks, date_time_offset,
    std::optional<std::vector<std::optional<int>>>, std::vector<bool>, std::deque<std::string>,
    std::set<std::int16_t>, std::array<float, 3>, std::map<std::int64_t, std::string>,
    std::map<colour, double>, std::map<uuid, bool>,
    std::unordered_map<std::string, std::vector<int>>, std::pair<int, std::string>,
    std::tuple<bool, std::optional<double>, std::vector<std::byte>>,
    std::variant<std::monostate, bool, int, std::string, std::map<std::string, int>>, leaf, tree>;
TYPED_TEST_SUITE(binding_random, types);

TYPED_TEST(binding_random, values_read_back) {
  generator from(1);
  for (int i = 0; i < 300; ++i) {
    const auto value = any<TypeParam>(from);
    for (const auto format : {value_format::json, value_format::messagepack}) {
      const policy chosen{static_cast<naming>(i % 3), static_cast<enum_form>(i % 2)};
      std::string bytes;
      write_to(bytes, value, {format, chosen});
      ASSERT_EQ(read_from<TypeParam>(bytes, format), value) << bytes;
      // It is one value, for who leaves it out as well, and complete only with its last byte.
      any_reader reader(bytes, format);
      ASSERT_EQ((*reader).skip(), bytes);
      const auto cut = std::string_view(bytes).substr(0, from() % bytes.size());
      if (format == value_format::messagepack || bytes.find_first_of("{[\"") == 0) {
        ASSERT_THROW(read_from<TypeParam>(cut, format), binding_error) << bytes;
      }
    }
  }
}

TYPED_TEST(binding_random, hostile_bytes_are_refused_or_read) {
  generator from(2);
  for (int i = 0; i < 300; ++i) {
    const auto format = i % 2 == 0 ? value_format::json : value_format::messagepack;
    std::string bytes;
    write_to(bytes, any<TypeParam>(from), {format, policy{}});
    for (auto changes = 1 + from() % 3; changes != 0; --changes) {
      bytes[from() % bytes.size()] = static_cast<char>(from());
    }
    try {
      const auto value = read_from<TypeParam>(bytes, format);
      // What was taken can be written, and is the same again.
      std::string again;
      write_to(again, value, {format, policy{}});
      ASSERT_EQ(read_from<TypeParam>(again, format), value);
    } catch (const binding_error&) {
      continue;
    }
  }
}

}  // namespace
}  // namespace saker::binding
