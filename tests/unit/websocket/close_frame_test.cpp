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
  for (const unsigned code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
                              1014, 3000, 3999, 4000, 4999}) {
    EXPECT_TRUE(may_send(code)) << code;
  }
  for (const unsigned code :
       {0, 1, 999, 1004, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 9999, 65535}) {
    EXPECT_FALSE(may_send(code)) << code;
  }
}

TEST(close_frame, says_which_code_is_refused) {
  try {
    validate_close(static_cast<websocket_close_status>(2999), {});
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("The close status code '2999' is reserved"));
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
