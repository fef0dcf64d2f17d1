#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <saker/binding/encoding.hpp>

namespace saker::testing {

enum class colour : std::int16_t { red = -3, green, dark_blue };
SAKER_ENUM(colour, red, green, dark_blue)

struct leaf {
  std::string text;
  std::optional<double> number;
  bool operator==(const leaf&) const = default;
};
SAKER_FIELDS(leaf, text, number)

/// A bit of everything, and itself.
struct tree {
  std::int64_t id = 0;
  colour shade = colour::red;
  std::vector<leaf> leaves;
  std::map<std::string, std::optional<leaf>> named;
  std::variant<std::monostate, bool, float, std::string, std::vector<int>, leaf> what;
  std::vector<std::byte> raw;
  std::vector<tree> branches;
  bool operator==(const tree&) const = default;
};
SAKER_FIELDS(tree, id, shade, leaves, named, what, raw, branches)

/// As MessagePack, with .NET's names.
template <class T>
std::string packed(const T& value) {
  std::string bytes;
  binding::write_to(bytes, value,
                    {binding::value_format::messagepack, binding::messagepack_policy});
  return bytes;
}

template <class T>
T unpacked(std::string_view bytes) {
  return binding::read_from<T>(bytes, binding::value_format::messagepack);
}

}  // namespace saker::testing
