#include <saker/http/message/error.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(http_error, carries_its_status_and_message) {
  http_error error(413, "The body is too large.");
  EXPECT_EQ(error.status(), 413);
  EXPECT_STREQ(error.what(), "The body is too large.");
  EXPECT_EQ(error.code().category(), http_category());
}

TEST(http_error, has_the_reason_phrase_without_a_message) {
  EXPECT_STREQ(http_error(404).what(), "Not Found");
  EXPECT_STREQ(http_error(499).what(), "HTTP status 499");
}

TEST(http_error, carries_fields_for_the_answer) {
  auto error = http_error(426).with_header("Sec-WebSocket-Version", "13");
  ASSERT_EQ(error.fields().size(), 1u);
  EXPECT_EQ(error.fields()[0].first, "Sec-WebSocket-Version");
  EXPECT_EQ(error.fields()[0].second, "13");
}

TEST(http_error, refuses_fields_that_no_response_may_have) {
  http_error error(400);
  EXPECT_THROW(error.with_header("X", "a\r\nSet-Cookie: b"), std::invalid_argument);
  EXPECT_THROW(error.with_header("a b", "c"), std::invalid_argument);
  EXPECT_TRUE(error.fields().empty());
}

TEST(http_error, refuses_a_status_that_is_no_error) {
  for (int status : {0, 200, 399, 600}) {
    EXPECT_THROW(http_error{status}, std::invalid_argument) << status;
  }
}

TEST(http_error, reason_phrase_of_an_unknown_status_is_empty) {
  EXPECT_EQ(reason_phrase(101), "Switching Protocols");
  EXPECT_EQ(reason_phrase(299), "");
}

}  // namespace
}  // namespace saker
