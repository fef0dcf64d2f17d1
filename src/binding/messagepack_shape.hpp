#pragma once

#include <cstddef>
#include <string_view>

namespace saker::binding {

/// What a value takes; no bytes: there is none.
struct messagepack_extent {
  std::size_t bytes = 0;
  std::size_t values = 0;  ///< With those in it.
};

/// The extent of the MessagePack value at the front, which must not nest deeper than that many
/// levels, of which there are at most `most_nesting`.
messagepack_extent messagepack_extent_of(std::string_view data, int levels) noexcept;

}  // namespace saker::binding
