#include <saker/async/task.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <saker/async/sync_wait.hpp>

namespace saker {
namespace {

task<int> give(int value) { co_return value; }

task<int> add(int left, int right) {
  const int first = co_await give(left);
  const int second = co_await give(right);
  co_return first + second;
}

task<void> fail() {
  throw std::runtime_error("failed");
  co_return;
}

TEST(task, gives_its_result) { EXPECT_EQ(sync_wait(add(2, 3)), 5); }

TEST(task, is_lazy) {
  bool ran = false;
  const auto body = [&]() -> task<void> {
    ran = true;
    co_return;
  };
  {
    const auto never_awaited = body();
    EXPECT_FALSE(ran);
  }
  EXPECT_FALSE(ran);
  sync_wait(body());
  EXPECT_TRUE(ran);
}

TEST(task, throws_to_the_one_who_awaits) {
  EXPECT_THROW(sync_wait(fail()), std::runtime_error);
  const auto catching = []() -> task<std::string> {
    try {
      co_await fail();
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "nothing was thrown";
  };
  EXPECT_EQ(sync_wait(catching()), "failed");
}

TEST(task, moves_results_that_cannot_be_copied) {
  const auto make = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  EXPECT_EQ(*sync_wait(make()), 7);
}

TEST(task, destroys_the_locals_of_a_suspended_coroutine) {
  const auto witness = std::make_shared<int>(0);
  const auto forever = [](std::shared_ptr<int> held) -> task<void> {
    co_await std::suspend_always();
    held.reset();
  };
  {
    event_loop loop;
    spawn(loop, forever(witness));
    loop.post([&] { loop.stop(); });
    loop.run();
    EXPECT_EQ(witness.use_count(), 2);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(task, is_empty_after_a_move) {
  auto first = give(1);
  const auto second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(second);
}

TEST(task, awaits_many_in_a_row_without_growing_the_stack) {
  const auto loop_many = []() -> task<int> {
    int sum = 0;
    for (int i = 0; i < 200'000; ++i) sum += co_await give(1);
    co_return sum;
  };
  EXPECT_EQ(sync_wait(loop_many()), 200'000);
}

}  // namespace
}  // namespace saker
