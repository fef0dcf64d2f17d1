#include "redis/resp.hpp"

#include <gtest/gtest.h>

#include <string>

namespace saker::redis {
namespace {

TEST(redis_resp, writes_commands_of_any_bytes) {
  EXPECT_EQ(command({"PUBLISH", "a", std::string_view("\0\r\n", 3)}),
            std::string("*3\r\n$7\r\nPUBLISH\r\n$1\r\na\r\n$3\r\n\0\r\n\r\n", 33));
}

TEST(redis_resp, reads_replies_byte_by_byte) {
  const std::string_view bytes =
      "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\n\r\n\r\n:7\r\n-ERR no\r\n";
  resp_reader reader;
  std::vector<owned_reply> replies;
  for (const char each : bytes) {
    reader.feed({&each, 1});
    while (auto made = reader.next()) replies.push_back(std::move(made));
  }
  ASSERT_EQ(replies.size(), 3u);
  const auto parts = elements_of(*replies[0]);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(text_of(*parts[0]), "message");
  EXPECT_EQ(text_of(*parts[2]), "\r\n");
  EXPECT_EQ(replies[1]->integer, 7);
  EXPECT_TRUE(is_error(*replies[2]));
  EXPECT_EQ(text_of(*replies[2]), "ERR no");
  EXPECT_TRUE(elements_of(*replies[1]).empty());
}

TEST(redis_resp, refuses_what_is_no_resp) {
  resp_reader reader;
  const std::string_view bytes = "HTTP/1.1 400 Bad Request\r\n";
  reader.feed({bytes.data(), bytes.size()});
  EXPECT_THROW(reader.next(), redis_error);
}

}  // namespace
}  // namespace saker::redis
