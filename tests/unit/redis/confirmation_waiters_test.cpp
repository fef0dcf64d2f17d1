#include "redis/confirmation_waiters.hpp"

#include <gtest/gtest.h>

namespace saker::redis {
namespace {

using namespace std::chrono_literals;

TEST(redis_confirmation_waiters, need_not_wait_for_a_redis_that_is_away_unless_they_insist) {
  const auto now = std::chrono::steady_clock::now();
  confirmation_waiters tested;
  tested.add(false, {});
  tested.add(true, {});
  tested.add(true, now + 1s);
  std::vector<confirmation_source> taken;
  tested.take_patient(now + 2s, taken);
  EXPECT_EQ(taken.size(), 1U);
  // Later news of the same do not put it off.
  tested.take_patient(now + 9s, taken);
  EXPECT_EQ(tested.take_late(now + 1s, taken), 1U);
  EXPECT_EQ(taken.size(), 2U);
  EXPECT_EQ(tested.take_late(now + 2s, taken), 0U);
  EXPECT_EQ(taken.size(), 3U);
}

TEST(redis_confirmation_waiters, wait_without_a_limit_while_redis_is_expected) {
  confirmation_waiters tested;
  const auto source = tested.add(true, {});
  tested.add(false, {});
  std::vector<confirmation_source> taken;
  EXPECT_EQ(tested.take_late(confirmation_waiters::time_point::max(), taken), 1U);
  EXPECT_TRUE(taken.empty());
  tested.take(taken);
  ASSERT_EQ(taken.size(), 2U);
  for (auto& each : taken) each.try_set_value();
  EXPECT_TRUE(source.completed());
}

}  // namespace
}  // namespace saker::redis
