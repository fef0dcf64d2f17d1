#include "redis/address.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace saker::redis {
namespace {

TEST(redis_address, reads_urls) {
  const auto plain = parse_url("redis://127.0.0.1");
  EXPECT_EQ(plain.where, (address{"127.0.0.1", 6379}));
  EXPECT_FALSE(plain.secure);
  EXPECT_EQ(plain.database, 0u);

  const auto full = parse_url("rediss://chat:p%40ss%2fword@cache.example:7000/3");
  EXPECT_EQ(full.where, (address{"cache.example", 7000}));
  EXPECT_TRUE(full.secure);
  EXPECT_EQ(full.user, "chat");
  EXPECT_EQ(full.password, "p@ss/word");
  EXPECT_EQ(full.database, 3u);

  EXPECT_EQ(parse_url("redis://:secret@[::1]:6380").where, (address{"::1", 6380}));
  EXPECT_EQ(parse_url("redis://:secret@[::1]:6380").password, "secret");
  EXPECT_EQ(parse_url("redis://[::1]").where, (address{"::1", 6379}));

  const auto local = parse_url("unix://:secret@/run/redis.sock?db=2");
  EXPECT_TRUE(local.where.is_unix());
  EXPECT_EQ(local.where.host, "/run/redis.sock");
  EXPECT_EQ(local.password, "secret");
  EXPECT_EQ(local.database, 2u);
}

TEST(redis_address, refuses_what_is_none_and_keeps_the_password_to_itself) {
  for (const auto* const text :
       {"", "http://127.0.0.1", "redis://", "redis://host:port", "redis://host:70000",
        "redis://host:", "redis://host/one", "redis://user@host", "unix://relative",
        "unix:///path?database=1", "redis://:hunter2@host:port"}) {
    try {
      parse_url(text);
      ADD_FAILURE() << text;
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos);
      EXPECT_TRUE(std::string_view(error.what()).starts_with("Invalid address of Redis: "));
    }
  }
}

TEST(redis_address, writes_what_it_reads) {
  for (const auto* const text : {"host:1", "[::1]:6379", "127.0.0.1:65535"}) {
    EXPECT_EQ(parse_address(text, 1).text(), text);
  }
  EXPECT_EQ(parse_address("host", 26379).text(), "host:26379");
}

}  // namespace
}  // namespace saker::redis
