#include "redis/slots.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace saker::redis {
namespace {

owned_reply reply_of(std::string_view bytes) {
  resp_reader reader;
  reader.feed({bytes.data(), bytes.size()});
  return reader.next();
}

TEST(redis_slots, are_those_of_the_cluster_specification) {
  EXPECT_EQ(slot_of("123456789"), 0x31c3);
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("{user1000}.followers"));
  EXPECT_EQ(slot_of("foo{}{bar}"), slot_of("foo{}{bar}"));
  EXPECT_NE(slot_of("foo{}{bar}"), slot_of("bar"));
  EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
  EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
}

TEST(redis_slots, belong_to_masters) {
  const auto answer = reply_of(
      "*2\r\n"
      "*4\r\n:0\r\n:5000\r\n*2\r\n$9\r\n127.0.0.1\r\n:7000\r\n*2\r\n$9\r\n127.0.0.1\r\n:7003\r\n"
      "*3\r\n:5002\r\n:16383\r\n*2\r\n$0\r\n\r\n:7001\r\n");
  const slot_map slots(*answer, {"seed", 1});
  EXPECT_EQ(*slots.master_of(0), (address{"127.0.0.1", 7000}));
  EXPECT_EQ(*slots.master_of(5000), (address{"127.0.0.1", 7000}));
  EXPECT_EQ(slots.master_of(5001), nullptr);
  EXPECT_EQ(*slots.master_of(16383), (address{"seed", 7001}));
  EXPECT_EQ(slots.masters().size(), 2u);
  EXPECT_EQ(slot_map().master_of(0), nullptr);
}

TEST(redis_slots, are_not_made_of_nonsense) {
  for (const auto* const bytes :
       {"*1\r\n:1\r\n", "*1\r\n*2\r\n:0\r\n:1\r\n",
        "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n",
        "*1\r\n*3\r\n:-1\r\n:1\r\n*2\r\n$1\r\na\r\n:1\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*1\r\n$1\r\na\r\n", "*1\r\n*3\r\n:0\r\n:1\r\n:5\r\n"}) {
    EXPECT_THROW(slot_map(*reply_of(bytes), {"seed", 1}), redis_error) << bytes;
  }
}

}  // namespace
}  // namespace saker::redis
