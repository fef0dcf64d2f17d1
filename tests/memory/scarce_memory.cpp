#include "memory/scarce_memory.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local int allocations_to_failure = 0;  ///< 0: none fails.
thread_local bool failed = false;

bool fails_now() {
  if (allocations_to_failure == 0 || --allocations_to_failure != 0) return false;
  failed = true;
  return true;
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* const memory = fails_now() ? nullptr : std::malloc(size)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

/// Asio's.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  void* memory = nullptr;
  return !fails_now() && ::posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

namespace saker::testing {

scarce_memory::scarce_memory(int nth) noexcept {
  failed = false;
  allocations_to_failure = nth;
}

scarce_memory::~scarce_memory() { allocations_to_failure = 0; }

bool scarce_memory::has_failed() const noexcept { return failed; }

}  // namespace saker::testing
