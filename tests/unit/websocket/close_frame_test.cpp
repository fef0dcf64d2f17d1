#include "websocket/close_frame.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace saker::websockets {
namespace {

bool may_send(unsigned code, std::string_view text = {}) {
  try {
    validate_close(static_cast<websocket_close_status>(code), text);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

TEST(close_frame, what_may_be_sent_is_what_the_peer_accepts) {
  for (unsigned code = 0; code <= 0xffff; ++code) {
    const auto status = static_cast<websocket_close_status>(code);
    if (status == websocket_close_status::empty) continue;
    const encoded_close encoded(status, "why");
    ASSERT_EQ(may_send(code), parse_close(encoded.bytes()).has_value()) << code;
  }
}

TEST(close_frame, knows_the_codes) {
  for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U,
                              1013U, 1014U, 3000U, 3999U, 4000U, 4999U}) {
    EXPECT_TRUE(may_send(code)) << code;
  }
  for (const unsigned code :
       {0U, 1U, 999U, 1004U, 1006U, 1015U, 1016U, 1999U, 2000U, 2999U, 5000U, 9999U, 65535U}) {
    EXPECT_FALSE(may_send(code)) << code;
  }
}

TEST(close_frame, says_which_code_is_refused) {
  try {
    validate_close(static_cast<websocket_close_status>(2999), {});
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "The close status code '2999' must not be sent.");
  }
}

TEST(close_frame, an_empty_status_has_no_text) {
  const auto empty = static_cast<unsigned>(websocket_close_status::empty);
  EXPECT_TRUE(may_send(empty));
  EXPECT_FALSE(may_send(empty, "why"));
  EXPECT_TRUE(encoded_close(websocket_close_status::empty, {}).bytes().empty());
}

TEST(close_frame, its_text_is_short_and_utf8) {
  EXPECT_TRUE(may_send(1000, std::string(123, 'x')));
  EXPECT_FALSE(may_send(1000, std::string(124, 'x')));
  EXPECT_TRUE(may_send(1000,
                       "gr\xc3\xbc\xc3\x9f"
                       "e"));
  EXPECT_FALSE(may_send(1000, "\xff"));
  EXPECT_FALSE(may_send(1000, "cut off \xc3"));
}

}  // namespace
}  // namespace saker::websockets
