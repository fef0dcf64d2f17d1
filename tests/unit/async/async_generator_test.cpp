#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <saker/async/async_generator.hpp>
#include <saker/async/sync_wait.hpp>

namespace saker {
namespace {

using namespace std::chrono_literals;

/// Says when it is gone.
struct witness {
  bool& gone;
  ~witness() { gone = true; }
};

async_generator<int> numbers(int count, bool waiting = false) {
  for (int i = 0; i < count; ++i) {
    if (waiting) co_await delay(1ms);
    co_yield i;
  }
}

task<std::vector<int>> all_of(async_generator<int> from) {
  std::vector<int> values;
  for (;;) {
    const auto value = co_await from.next();
    if (!value) break;
    values.push_back(*value);
  }
  // The end stays the end.
  const auto after = co_await from.next();
  EXPECT_FALSE(after);
  co_return values;
}

TEST(async_generator, gives_its_values_in_order) {
  EXPECT_EQ(sync_wait(all_of(numbers(3))), (std::vector{0, 1, 2}));
  EXPECT_TRUE(sync_wait(all_of(numbers(0))).empty());
}

TEST(async_generator, may_wait_between_values) {
  EXPECT_EQ(sync_wait(all_of(numbers(3, true))), (std::vector{0, 1, 2}));
}

TEST(async_generator, default_constructed_is_at_its_end) {
  EXPECT_TRUE(sync_wait(all_of({})).empty());
}

TEST(async_generator, runs_only_when_asked) {
  int made = 0;
  const auto counting = [](int& count) -> async_generator<int> {
    for (;;) co_yield ++count;
  };
  auto generator = counting(made);
  EXPECT_EQ(made, 0);
  const auto ask = [](async_generator<int>& from) -> task<int> {
    const auto value = co_await from.next();
    co_return value.value_or(-1);
  };
  EXPECT_EQ(sync_wait(ask(generator)), 1);
  EXPECT_EQ(sync_wait(ask(generator)), 2);
  EXPECT_EQ(made, 2);
}

TEST(async_generator, throws_what_leaves_it_once) {
  const auto failing = []() -> async_generator<int> {
    co_yield 1;
    throw std::runtime_error("broken");
  };
  const auto consume = [](async_generator<int> from) -> task<std::string> {
    std::string seen;
    for (;;) {
      try {
        const auto value = co_await from.next();
        seen += value ? std::to_string(*value) : "end";
        if (!value) break;
      } catch (const std::runtime_error& error) {
        seen += error.what();
      }
    }
    co_return seen;
  };
  EXPECT_EQ(sync_wait(consume(failing())), "1brokenend");
}

TEST(async_generator, destroying_it_destroys_its_locals) {
  bool gone = false;
  const auto holding = [](bool& flag) -> async_generator<int> {
    const witness here{flag};
    for (;;) co_yield 1;
  };
  {
    auto generator = holding(gone);
    const auto ask = [](async_generator<int>& from) -> task<void> { co_await from.next(); };
    sync_wait(ask(generator));
    EXPECT_FALSE(gone);
  }
  EXPECT_TRUE(gone);
}

TEST(async_generator, carries_values_that_only_move) {
  const auto owners = []() -> async_generator<std::unique_ptr<int>> {
    co_yield std::make_unique<int>(7);
  };
  const auto ask = [](async_generator<std::unique_ptr<int>> from) -> task<int> {
    auto value = co_await from.next();
    co_return **value;
  };
  EXPECT_EQ(sync_wait(ask(owners())), 7);
}

}  // namespace
}  // namespace saker
