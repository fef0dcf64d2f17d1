#include "async/deadline.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <saker/async/event_loop.hpp>

#include "async/loop_state.hpp"

namespace saker::async {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// A deadline that remembers when it expired, and stops the loop.
struct recorded {
  explicit recorded(event_loop& on)
      : loop(on), limit([](void* self) { static_cast<recorded*>(self)->expire(); }, this) {}
  void expire() {
    expired_at = clock::now();
    ++count;
    loop.stop();
  }
  event_loop& loop;
  deadline limit;
  clock::time_point expired_at;
  int count = 0;
};

TEST(deadline, expires_once_and_not_too_early) {
  event_loop loop;
  recorded one(loop);
  const auto begin = clock::now();
  one.limit.set(loop.state().deadlines(), 150ms);
  EXPECT_TRUE(one.limit.is_set());
  loop.run();
  EXPECT_EQ(one.count, 1);
  EXPECT_GE(one.expired_at - begin, 150ms);
  EXPECT_FALSE(one.limit.is_set());
}

TEST(deadline, of_a_turn_of_seconds_one_counts_as_silence_of_others) {
  event_loop loop;
  auto& wheel = loop.state().deadlines();
  recorded one(loop);
  one.limit.set(wheel, 1s);
  const auto clock_before = wheel.coarse_now();
  const auto turning_before = wheel.turning_now();
  loop.post([] { std::this_thread::sleep_for(2s); });
  loop.run();
  EXPECT_EQ(one.count, 1);
  const auto turning = wheel.turning_now() - turning_before;
  EXPECT_GE(turning, deadline_wheel::ticks(1s));
  EXPECT_GE(wheel.coarse_now() - clock_before, turning + deadline_wheel::ticks(900ms));
}

TEST(deadline, does_not_expire_when_it_is_cleared) {
  event_loop loop;
  recorded cleared(loop);
  recorded last(loop);
  cleared.limit.set(loop.state().deadlines(), 50ms);
  last.limit.set(loop.state().deadlines(), 250ms);
  cleared.limit.clear();
  loop.run();
  EXPECT_EQ(cleared.count, 0);
  EXPECT_EQ(last.count, 1);
}

TEST(deadline, may_be_destroyed_by_another_ones_callback) {
  event_loop loop;
  // Whichever of the two comes first destroys the other; the other must not be called.
  struct pair {
    std::unique_ptr<deadline> left;
    std::unique_ptr<deadline> right;
    int expired = 0;
  } both;
  both.left = std::make_unique<deadline>(
      [](void* self) {
        ++static_cast<pair*>(self)->expired;
        static_cast<pair*>(self)->right.reset();
      },
      &both);
  both.right = std::make_unique<deadline>(
      [](void* self) {
        ++static_cast<pair*>(self)->expired;
        static_cast<pair*>(self)->left.reset();
      },
      &both);
  both.left->set(loop.state().deadlines(), 100ms);
  both.right->set(loop.state().deadlines(), 100ms);
  recorded last(loop);
  last.limit.set(loop.state().deadlines(), 300ms);
  loop.run();
  EXPECT_EQ(both.expired, 1);
}

TEST(deadline, holds_many_at_once) {
  event_loop loop;
  int expired = 0;
  std::vector<std::unique_ptr<deadline>> all;
  for (int i = 0; i < 5000; ++i) {
    all.push_back(
        std::make_unique<deadline>([](void* count) { ++*static_cast<int*>(count); }, &expired));
    all.back()->set(loop.state().deadlines(), std::chrono::milliseconds(1 + i % 90));
  }
  recorded last(loop);
  last.limit.set(loop.state().deadlines(), 400ms);
  loop.run();
  EXPECT_EQ(expired, 5000);
}

}  // namespace
}  // namespace saker::async
