#pragma once

#include <cstddef>

namespace saker::simulation {

/// Bytes of the heap in use, of whatever library.
std::size_t heap_in_use() noexcept;

}  // namespace saker::simulation
