#include "async/loop_locals.hpp"

#include <atomic>

namespace saker::async {

std::size_t loop_locals::next_place() noexcept {
  static std::atomic<std::size_t> places = 0;
  return places++;
}

}  // namespace saker::async
