#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace saker {

/// Identifies something by 128 bits (RFC 9562): .NET's Guid. A value.
///
/// In both protocols it is its text of 36 characters, `6f9619ff-8b86-d011-b42d-00c04fc964ff`; the
/// bytes are in the order of that text.
struct uuid {
  std::array<std::byte, 16> bytes{};

  /// Makes a random one (version 4).
  static uuid random();
  /// Absent: it is none. Upper case is taken as well.
  static std::optional<uuid> parse(std::string_view text) noexcept;
  std::string text() const;

  friend auto operator<=>(const uuid&, const uuid&) = default;
};

}  // namespace saker
