#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "support/zlib_peer.hpp"
#include "websocket/deflate/deflater.hpp"
#include "websocket/deflate/inflater.hpp"

namespace saker::websockets {
namespace {

using testing::json_text;
using testing::zlib_peer;

template <class Deflater>
std::string compress(Deflater& deflater, std::string_view text, bool end_of_message = true) {
  std::vector<std::byte> output;
  deflater.compress(std::as_bytes(std::span(text)), end_of_message, output);
  return {reinterpret_cast<const char*>(output.data()), output.size()};
}

#ifdef SAKER_HAS_ISAL
/// As the connections of a loop use it.
struct learning_deflater : private huffman_model, public isal_deflater {
  explicit learning_deflater(int window_bits) : isal_deflater(window_bits, this) {}
};
#endif

template <class Deflater>
class deflaters : public ::testing::Test {};

#ifdef SAKER_HAS_ISAL
using deflater_types = ::testing::Types<zlib_deflater, isal_deflater, learning_deflater>;
#else
using deflater_types = ::testing::Types<zlib_deflater>;
#endif
TYPED_TEST_SUITE(deflaters, deflater_types);

TYPED_TEST(deflaters, make_what_zlib_reads_with_every_window) {
  unsigned seed = 7;
  for (int bits = 9; bits <= 15; ++bits) {
    TypeParam deflater(bits);
    zlib_peer peer(bits);
    for (const std::size_t size : {1U, 3U, 100U, 1024U, 70'000U, 300'000U}) {
      const auto text = json_text(size, ++seed);
      EXPECT_EQ(peer.inflate(compress(deflater, text)), text) << bits << " bits, " << size;
    }
    std::string noise(100'000, ' ');
    for (auto& each : noise) each = static_cast<char>((seed = seed * 1103515245U + 12345U) >> 16);
    EXPECT_EQ(peer.inflate(compress(deflater, noise)), noise) << bits << " bits, noise";
  }
}

TYPED_TEST(deflaters, take_over_the_context_until_they_are_reset) {
  TypeParam deflater(15);
  const auto text = json_text(1024);
  const auto first = compress(deflater, text);
  const auto second = compress(deflater, text);
  EXPECT_LT(second.size(), first.size() / 2);
  deflater.reset(15);
  EXPECT_EQ(zlib_peer().inflate(compress(deflater, text)), text);
}

TYPED_TEST(deflaters, keep_to_the_window_that_a_reset_names) {
  TypeParam deflater(15);
  const auto text = json_text(20'000);
  for (const int bits : {9, 15, 12, 9}) {
    deflater.reset(bits);
    zlib_peer peer(bits);
    EXPECT_EQ(peer.inflate(compress(deflater, text)), text) << bits;
  }
}

TYPED_TEST(deflaters, end_each_fragment_at_a_byte) {
  TypeParam deflater(15);
  const auto text = json_text(3000);
  auto payload = compress(deflater, text.substr(0, 1000), false);
  EXPECT_TRUE(payload.ends_with(std::string_view("\0\0\xff\xff", 4)));
  payload += compress(deflater, text.substr(1000, 1), false);
  payload += compress(deflater, text.substr(1001), true);
  EXPECT_EQ(zlib_peer().inflate(payload), text);
}

#ifdef SAKER_HAS_ISAL

TEST(huffman_model, has_a_code_for_what_it_has_never_seen) {
  huffman_model model;
  isal_deflater deflater(15, &model);
  zlib_peer peer;
  for (unsigned i = 0; i < 100; ++i) {
    const auto text = json_text(1000, i);
    EXPECT_EQ(peer.inflate(compress(deflater, text)), text);
  }
  std::string every;
  for (int i = 0; i < 2048; ++i) every += static_cast<char>(i * 7 % 256);
  EXPECT_EQ(peer.inflate(compress(deflater, every)), every);
}

TEST(huffman_model, makes_messages_like_those_before_nearly_as_small) {
  huffman_model model;
  isal_deflater learning(15, &model);
  isal_deflater thorough(15);
  std::size_t learnt = 0;
  std::size_t best = 0;
  for (unsigned i = 0; i < 2000; ++i) {
    const auto text = json_text(1024, i);
    learning.reset(15);
    thorough.reset(15);
    const auto size = compress(learning, text).size();
    if (i < 100) continue;
    learnt += size;
    best += compress(thorough, text).size();
  }
  EXPECT_LT(static_cast<double>(learnt), 1.2 * static_cast<double>(best));
}

#endif

/// Reads a whole message in pieces of that size.
std::string inflate(inflater& from, std::string_view payload, std::size_t piece = 64,
                    bool end_of_message = true) {
  auto input = std::as_bytes(std::span(payload));
  std::string result;
  std::string buffer(piece, '\0');
  std::size_t count = 0;
  do {
    count = from.read(input, end_of_message, std::as_writable_bytes(std::span(buffer)));
    result += buffer.substr(0, count);
  } while (count == buffer.size() && !from.is_corrupt());
  if (from.is_corrupt()) return "corrupt";
  EXPECT_TRUE(input.empty());
  return result;
}

TEST(inflater, reads_in_pieces_of_any_size) {
  const auto text = json_text(5000);
  zlib_peer peer;
  inflater inflater(15);
  for (const std::size_t piece : {1U, 2U, 7U, 1024U, 4999U, 5000U, 5001U, 100'000U}) {
    EXPECT_EQ(inflate(inflater, peer.deflate(text), piece), text) << piece;
  }
}

TEST(inflater, reads_input_that_comes_byte_by_byte) {
  const auto text = json_text(500);
  const auto payload = zlib_peer().deflate(text);
  inflater inflater(15);
  std::string result;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    result += inflate(inflater, payload.substr(i, 1), 16, i + 1 == payload.size());
  }
  EXPECT_EQ(result, text);
}

TEST(inflater, says_whether_more_comes) {
  const std::string_view payload("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);  // "Hello", RFC 7692, 7.2.3.1
  auto input = std::as_bytes(std::span(payload));
  inflater inflater(15);
  std::array<std::byte, 4> most{};
  EXPECT_EQ(inflater.read(input, true, most), 4U);
  EXPECT_TRUE(inflater.has_more(input, true));
  EXPECT_TRUE(inflater.has_more(input, true));
  EXPECT_EQ(inflater.read(input, true, std::span(most).first(1)), 1U);
  EXPECT_EQ(most[0], std::byte{'o'});
  EXPECT_FALSE(inflater.has_more(input, true));
  EXPECT_FALSE(inflater.is_corrupt());
}

TEST(inflater, reads_the_examples_of_the_rfc) {
  inflater inflater(15);
  EXPECT_EQ(inflate(inflater, std::string_view("\xf2\x48\xcd\xc9\xc9\x07\x00", 7)), "Hello");
  // With the context of the first (7.2.3.2).
  EXPECT_EQ(inflate(inflater, std::string_view("\xf2\x00\x11\x00\x00", 5)), "Hello");
  inflater.reset();
  // A block without compression (7.2.3.3).
  EXPECT_EQ(inflate(inflater, std::string_view("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11)),
            "Hello");
  // A block with BFINAL (7.2.3.4).
  EXPECT_EQ(inflate(inflater, std::string_view("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8)), "Hello");
  // Two blocks in one message (7.2.3.5).
  EXPECT_EQ(inflate(inflater,
                    std::string_view("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13)),
            "Hello");
  // An empty message (7.2.3.6).
  EXPECT_EQ(inflate(inflater, std::string_view("\x00", 1)), "");
  EXPECT_EQ(inflate(inflater, ""), "");
  EXPECT_EQ(inflate(inflater, std::string_view("\xf2\x00\x11\x00\x00", 5)), "Hello");
}

TEST(inflater, keeps_its_window_across_final_blocks) {
  zlib_peer peer;
  inflater inflater(15);
  const auto first = json_text(40'000, 1);
  EXPECT_EQ(inflate(inflater, peer.deflate_final(first)), first);
  // A final block without the empty one that should follow it.
  auto bare = peer.deflate_final("abc");
  bare.pop_back();
  EXPECT_EQ(inflate(inflater, bare), "abc");
  // Refers 5 bytes back, into the message before.
  EXPECT_EQ(inflate(inflater, std::string_view("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8)), "Hello");
  EXPECT_EQ(inflate(inflater, std::string_view("\xf2\x00\x11\x00\x00", 5)), "Hello");
}

TEST(inflater, refuses_what_is_not_deflate_data) {
  for (const std::string_view payload :
       {std::string_view("\xff\xff\xff"), std::string_view("\x07"), std::string_view("\x06\x01"),
        // A length that its complement does not confirm.
        std::string_view("\x00\x05\x00\x00\x00Hello", 10),
        // A distance that reaches before the beginning.
        std::string_view("\xf2\x00\x11\x00\x00", 5)}) {
    inflater inflater(15);
    EXPECT_EQ(inflate(inflater, payload), "corrupt");
  }
}

TEST(inflater, refuses_half_a_message) {
  const auto payload = zlib_peer().deflate(json_text(300));
  for (std::size_t size = 1; size < payload.size(); ++size) {
    inflater inflater(15);
    EXPECT_EQ(inflate(inflater, payload.substr(0, size)), "corrupt") << size;
  }
}

}  // namespace
}  // namespace saker::websockets
