// Values of many types from hostile bytes, in both formats: what is read must be written so that it
// reads the same again.

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

#include "fuzz_input.hpp"
#include "support/bound_types.hpp"

namespace {

using namespace saker::binding;

using saker::testing::colour;
using saker::testing::leaf;
using saker::testing::tree;

template <class T>
std::string written(const T& value, value_format format, std::uint8_t choice) {
  std::string bytes;
  write_to(bytes, value,
           {format, {static_cast<naming>(choice % 3), static_cast<enum_form>(choice / 3 % 2)}});
  return bytes;
}

/// NaN is not what it was, but its bytes are.
template <class T>
void try_type(std::string_view data, value_format format, std::uint8_t choice) {
  std::optional<T> value;
  try {
    value = read_from<T>(data, format);
  } catch (const binding_error&) {
    return;
  }
  std::string once;
  try {
    once = written(*value, format, choice);
  } catch (const binding_error&) {
    // A time or a number that this format has no form for.
    return;
  }
  const auto again = read_from<T>(once, format);
  saker::fuzz::require(written(again, format, choice) == once, "what is written reads the same");
  any_reader skipping(once, format);
  saker::fuzz::require((*skipping).skip() == once, "what is written is one value");
}

using types =
    std::tuple<saker::json, tree, bool, std::int8_t, std::uint16_t, std::int32_t, std::int64_t,
               std::uint64_t, float, double, std::string, colour, saker::uuid,
               std::vector<std::byte>, std::array<std::byte, 4>, std::chrono::sys_time<ticks>,
               std::chrono::sys_time<std::chrono::microseconds>, std::chrono::milliseconds,
               std::chrono::duration<double>, date_time_offset,
               std::vector<std::optional<std::vector<int>>>, std::deque<bool>,
               std::set<std::string>, std::array<float, 3>, std::map<std::int64_t, leaf>,
               std::map<colour, double>, std::unordered_map<std::uint8_t, std::string>,
               std::tuple<int, std::optional<std::string>>>;

template <std::size_t Place = 0>
void try_at(std::size_t place, std::string_view data, value_format format, std::uint8_t choice) {
  if (place == Place) {
    try_type<std::tuple_element_t<Place, types>>(data, format, choice);
  } else if constexpr (Place + 1 < std::tuple_size_v<types>) {
    try_at<Place + 1>(place, data, format, choice);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto format = data[1] % 2 == 0 ? value_format::json : value_format::messagepack;
  try_at(data[0] % std::tuple_size_v<types>, {reinterpret_cast<const char*>(data) + 2, size - 2},
         format, static_cast<std::uint8_t>(data[1] / 2));
  return 0;
}
