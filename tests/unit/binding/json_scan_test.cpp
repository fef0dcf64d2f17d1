#include "binding/json_scan.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace saker::binding {
namespace {

struct found {
  std::size_t at;
  bool ascii;
  bool operator==(const found&) const = default;
};

std::ostream& operator<<(std::ostream& out, const found& each) {
  return out << each.at << (each.ascii ? " ascii" : " other");
}

found scan(std::string_view text) {
  bool ascii = true;
  const auto* const end = end_of_plain_json(text.data(), text.data() + text.size(), ascii);
  return {static_cast<std::size_t>(end - text.data()), ascii};
}

found scan_slowly(std::string_view text) {
  bool ascii = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '"' || byte == '\\' || byte < 0x20) return {i, ascii};
    if (byte >= 0x80) ascii = false;
  }
  return {text.size(), ascii};
}

TEST(json_scan, finds_what_a_loop_over_the_bytes_finds) {
  constexpr std::string_view special = "\"\\\x1f\x20\x7f\x80\xff\x01";
  for (std::size_t size = 0; size <= 50; ++size) {
    for (std::size_t first = 0; first < size; ++first) {
      for (const char one : special) {
        std::string text(size, 'a');
        text[first] = one;
        ASSERT_EQ(scan(text), scan_slowly(text)) << size << ' ' << first << ' ' << int(one);
        // Two of them, the second right behind, far behind, and as the last byte.
        for (const auto second : {first + 1, first + 17, size - 1}) {
          if (second >= size || second == first) continue;
          for (const char other : special) {
            text[second] = other;
            ASSERT_EQ(scan(text), scan_slowly(text)) << size << ' ' << first << ' ' << second;
          }
          text[second] = 'a';
        }
      }
    }
  }
}

}  // namespace
}  // namespace saker::binding
