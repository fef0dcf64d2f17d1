#include "redis/mailbox.hpp"

#include <gtest/gtest.h>

#include <saker/async/event_loop.hpp>

namespace saker::redis {
namespace {

TEST(redis_mailbox, wakes_its_loop_once_until_what_it_has_is_taken) {
  event_loop loop;
  int calls = 0;
  std::size_t taken = 0;
  mailbox tested(loop, [&] {
    ++calls;
    taken += tested.take().size();
    if (calls == 2) loop.stop();
  });
  const auto add = [&] {
    publication message;
    EXPECT_TRUE(tested.add(message));
    tested.notify();
  };
  add();
  add();
  // On the loop, behind the first call.
  loop.post(add);
  loop.run();
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(taken, 3U);
}

TEST(redis_mailbox, leaves_a_message_to_its_owner_when_it_is_closed) {
  event_loop loop;
  mailbox tested(loop, [] {});
  publication kept;
  kept.channel = "kept";
  EXPECT_TRUE(tested.add(kept));
  EXPECT_EQ(tested.close().size(), 1U);
  publication refused;
  refused.channel = "refused";
  EXPECT_FALSE(tested.add(refused));
  EXPECT_EQ(refused.channel, "refused");
  EXPECT_TRUE(tested.take().empty());
}

}  // namespace
}  // namespace saker::redis
