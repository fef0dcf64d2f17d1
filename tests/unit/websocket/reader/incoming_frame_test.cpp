#include "websocket/reader/incoming_frame.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace saker::websockets {
namespace {

using message_type = websocket_message_type;

/// A frame with a mask of zeros, so that its payload stands there as it is.
std::vector<std::byte> frame(unsigned first, std::string_view payload) {
  std::string text{static_cast<char>(first), static_cast<char>(0x80U | payload.size())};
  text += std::string(4, '\0');
  text += payload;
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

constexpr unsigned text = 0x1;
constexpr unsigned binary = 0x2;
constexpr unsigned continuation = 0x0;
constexpr unsigned fin = 0x80;
constexpr unsigned compressed = 0x40;

class incoming : public ::testing::Test {
 protected:
  /// Reads a header and begins its payload.
  void begin(unsigned first, std::string_view payload) {
    bytes_ = frame(first, payload);
    ASSERT_EQ(frame_.parse(bytes_), 6U);
    frame_.begin();
  }
  /// Takes that many bytes. Returns whether they may be a part of a text.
  bool take(std::size_t count) {
    const auto at = bytes_.size() - frame_.missing();
    std::vector<std::byte> target(count);
    frame_.take(target.data(), std::span(bytes_).subspan(at, count));
    return frame_.check_text(target);
  }

  incoming_frame frame_{true};
  std::vector<std::byte> bytes_;
};

TEST_F(incoming, counts_what_is_missing) {
  begin(fin | binary, "abcdef");
  EXPECT_TRUE(frame_.in_payload());
  EXPECT_EQ(frame_.type(), message_type::binary);
  EXPECT_TRUE(take(2));
  frame_.skip(1);
  EXPECT_EQ(frame_.missing(), 3U);
  EXPECT_TRUE(take(3));
  EXPECT_EQ(frame_.missing(), 0U);
  EXPECT_TRUE(frame_.end());
  EXPECT_FALSE(frame_.in_payload());
}

TEST_F(incoming, continuations_keep_the_type_and_the_compression) {
  begin(compressed | text, "a");
  EXPECT_TRUE(frame_.is_compressed());
  EXPECT_TRUE(frame_.end());
  begin(fin | continuation, "b");
  EXPECT_TRUE(frame_.is_compressed());
  EXPECT_EQ(frame_.type(), message_type::text);
  EXPECT_TRUE(frame_.end());
  begin(fin | binary, "c");
  EXPECT_FALSE(frame_.is_compressed());
  EXPECT_EQ(frame_.type(), message_type::binary);
}

TEST_F(incoming, a_character_may_be_in_two_frames_but_not_in_two_messages) {
  begin(text, "\xC3");
  EXPECT_TRUE(take(1));
  EXPECT_TRUE(frame_.end());
  begin(fin | continuation, "\xA9");
  EXPECT_TRUE(take(1));
  EXPECT_TRUE(frame_.end());
  begin(fin | text, "\xC3");
  EXPECT_TRUE(take(1));
  EXPECT_FALSE(frame_.end());
}

TEST_F(incoming, text_is_refused_at_its_first_wrong_byte) {
  begin(fin | text, "a\xFF");
  EXPECT_TRUE(take(1));
  EXPECT_FALSE(take(1));
}

TEST_F(incoming, a_gap_lasts_to_the_end_of_the_message) {
  begin(text, "\xC3\xA9");
  EXPECT_TRUE(take(1));
  EXPECT_FALSE(frame_.has_gap());
  frame_.skip(1);
  EXPECT_TRUE(frame_.end());
  begin(fin | continuation, "\xA9");
  EXPECT_TRUE(frame_.has_gap());
  frame_.skip(1);
  EXPECT_TRUE(frame_.end());
  begin(fin | text, "\xA9");
  EXPECT_FALSE(frame_.has_gap());
  EXPECT_FALSE(take(1));
}

TEST_F(incoming, a_fault_is_told) {
  EXPECT_EQ(frame_.fault(), nullptr);
  EXPECT_EQ(frame_.parse(frame(fin | continuation, "a")), 0U);
  ASSERT_NE(frame_.fault(), nullptr);
  EXPECT_EQ(frame_.fault(),
            std::string_view(
                "The WebSocket received a continuation frame from a previous final message."));
}

}  // namespace
}  // namespace saker::websockets
