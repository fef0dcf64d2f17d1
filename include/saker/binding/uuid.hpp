#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace saker {

/// Holds a 128-bit identifier (RFC 9562): .NET's Guid. A value.
///
/// Both protocols use its text of 36 characters, `6f9619ff-8b86-d011-b42d-00c04fc964ff`; the bytes
/// are in the order of that text.
///
/// Example:
/// ```cpp
/// const auto id = uuid::random();
/// const bool same = uuid::parse(id.text()) == id;  // true
/// ```
struct uuid {
  std::array<std::byte, 16> bytes{};

  /// Returns a random uuid (version 4).
  static uuid random();
  /// Parses the text, upper case included; returns nothing if it is malformed.
  static std::optional<uuid> parse(std::string_view text) noexcept;
  std::string text() const;

  friend auto operator<=>(const uuid&, const uuid&) = default;
};

}  // namespace saker
