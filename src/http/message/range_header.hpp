#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace saker::http {

/// First and last byte, both included.
struct byte_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  std::uint64_t size() const noexcept { return last - first + 1; }
  bool operator==(const byte_range&) const = default;
};

/// What a Range field asks for.
struct requested_ranges {
  enum class outcome {
    whole,          ///< The field is to be ignored: send everything.
    partial,        ///< Send `ranges`.
    unsatisfiable,  ///< Answer 416.
  };
  outcome result = outcome::whole;
  std::vector<byte_range> ranges;
};

/// More ranges than this are no sensible request: the whole is sent.
inline constexpr std::size_t max_byte_ranges = 16;

/// Reads a Range field (RFC 9110, section 14.2) for a representation of that size. A malformed
/// field, another unit, too many ranges, or ranges that overlap so much that together they are
/// larger than the whole are ignored. Ranges beyond the end are left out.
requested_ranges parse_range(std::string_view field_value, std::uint64_t size);

}  // namespace saker::http
