#include "io/kept_input.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace saker::io {
namespace {

std::vector<std::byte> bytes(std::string_view text) {
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

std::string_view text(std::span<std::byte> of) {
  return {reinterpret_cast<const char*>(of.data()), of.size()};
}

TEST(kept_input, gives_what_is_left_in_order) {
  kept_input kept(bytes("0123456789"));
  kept.take(3);
  EXPECT_EQ(text(kept.rest()), "3456789");
  kept.append(bytes("ab"));
  kept.take(6);
  EXPECT_EQ(text(kept.rest()), "9ab");
  EXPECT_FALSE(kept.empty());
  kept.take(3);
  EXPECT_TRUE(kept.empty());
  kept.append(bytes("c"));
  EXPECT_EQ(text(kept.rest()), "c");
}

TEST(kept_input, is_moved_seldom_however_small_the_pieces) {
  constexpr std::size_t size = 100'000;
  kept_input kept{std::vector<std::byte>(size)};
  int moves = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto* const before = kept.rest().data();
    kept.take(1);
    if (!kept.empty() && kept.rest().data() != before + 1) ++moves;
  }
  EXPECT_LE(moves, 20);
}

}  // namespace
}  // namespace saker::io
