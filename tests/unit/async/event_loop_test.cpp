#include <saker/async/event_loop.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include <saker/async/asio.hpp>
#include <saker/async/completion_source.hpp>
#include <saker/async/sync_wait.hpp>

#include "async/resume_on.hpp"
#include "async/resumption.hpp"
#include "async/root_task.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

TEST(event_loop, runs_what_is_posted_in_order) {
  event_loop loop;
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) loop.post([&order, i] { order.push_back(i); });
  loop.post([&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
}

TEST(event_loop, is_current_only_inside_run) {
  event_loop loop;
  bool inside = false;
  loop.post([&] {
    inside = loop.is_current() && event_loop::current() == &loop;
    loop.stop();
  });
  EXPECT_EQ(event_loop::current(), nullptr);
  loop.run();
  EXPECT_TRUE(inside);
  EXPECT_EQ(event_loop::current(), nullptr);
}

TEST(event_loop, takes_posts_from_many_threads) {
  constexpr int threads = 4;
  constexpr int each = 1000;
  event_loop loop;
  int count = 0;
  std::vector<std::jthread> posting;
  for (int i = 0; i < threads; ++i) {
    posting.emplace_back([&] {
      for (int j = 0; j < each; ++j) {
        loop.post([&] {
          if (++count == threads * each) loop.stop();
        });
      }
    });
  }
  loop.run();
  EXPECT_EQ(count, threads * each);
}

TEST(event_loop, survives_a_posted_function_that_throws) {
  event_loop loop;
  bool reached = false;
  loop.post([] { throw std::runtime_error("posted"); });
  loop.post([&] {
    reached = true;
    loop.stop();
  });
  loop.run();
  EXPECT_TRUE(reached);
}

TEST(event_loop, can_run_again_after_a_stop) {
  event_loop loop;
  int runs = 0;
  for (int i = 0; i < 2; ++i) {
    loop.post([&] {
      ++runs;
      loop.stop();
    });
    loop.run();
  }
  EXPECT_EQ(runs, 2);
}

TEST(spawn, starts_a_task_on_the_loop) {
  event_loop loop;
  const auto work = [](event_loop& on, bool& there) -> task<void> {
    there = on.is_current();
    on.stop();
    co_return;
  };
  bool there = false;
  spawn(loop, work(loop, there));
  loop.run();
  EXPECT_TRUE(there);
}

TEST(sync_wait, refuses_to_block_a_loop) {
  const auto nested = []() -> task<void> {
    sync_wait([]() -> task<void> { co_return; }());
    co_return;
  };
  EXPECT_THROW(sync_wait(nested()), std::logic_error);
}

TEST(delay, waits_at_least_that_long) {
  const auto begin = std::chrono::steady_clock::now();
  sync_wait(delay(20ms));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
}

TEST(delay, ends_early_when_stopped_from_another_thread) {
  std::stop_source stop;
  std::jthread stopping([&] { stop.request_stop(); });
  try {
    sync_wait(delay(1h, stop.get_token()));
    FAIL() << "the delay was not canceled";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::operation_canceled);
  }
}

TEST(asio, operations_can_be_awaited) {
  const auto waiting = []() -> task<bool> {
    boost::asio::steady_timer timer(event_loop::current()->context(), 1ms);
    co_await timer.async_wait(boost::asio::deferred);
    co_return true;
  };
  EXPECT_TRUE(sync_wait(waiting()));
}

TEST(asio, errors_become_exceptions) {
  const auto canceled = []() -> task<void> {
    auto& loop = *event_loop::current();
    boost::asio::steady_timer timer(loop.context(), 1h);
    loop.post([&] { timer.cancel(); });
    co_await timer.async_wait(boost::asio::deferred);
  };
  EXPECT_THROW(sync_wait(canceled()), boost::system::system_error);
}

TEST(completion_source, resumes_on_the_loop_that_awaits) {
  completion_source<int> source;
  std::jthread setting([source]() mutable { source.set_value(42); });
  const auto waiting = [](completion_source<int> from) -> task<int> {
    auto* const loop = event_loop::current();
    const int value = co_await from;
    EXPECT_EQ(event_loop::current(), loop);
    co_return value;
  };
  EXPECT_EQ(sync_wait(waiting(source)), 42);
}

TEST(completion_source, is_set_only_once) {
  completion_source<> source;
  EXPECT_FALSE(source.completed());
  source.set_value();
  EXPECT_TRUE(source.completed());
  EXPECT_FALSE(source.try_set_value());
  EXPECT_THROW(source.set_value(), std::logic_error);
}

TEST(completion_source, throws_the_exception_that_was_set) {
  completion_source<int> source;
  source.set_exception(std::make_exception_ptr(std::runtime_error("set")));
  const auto waiting = [](completion_source<int> from) -> task<int> { co_return co_await from; };
  EXPECT_THROW(sync_wait(waiting(source)), std::runtime_error);
}

TEST(completion_source, forgets_a_waiter_that_is_destroyed) {
  completion_source<> source;
  {
    event_loop loop;
    const auto waiting = [](completion_source<> from) -> task<void> { co_await from; };
    spawn(loop, waiting(source));
    loop.post([&] { loop.stop(); });
    loop.run();
  }
  source.set_value();
}

class nobody final : public async::task_listener {
 public:
  void on_task_done(std::exception_ptr) noexcept override {}
};

TEST(completion_source, does_not_resume_a_waiter_that_is_destroyed_on_its_way_to_its_loop) {
  completion_source<> source;
  event_loop loop;
  nobody listener;
  bool resumed = false;
  loop.post([&] {
    async::root_task waiting([](completion_source<> from, bool& flag) -> task<void> {
      co_await from;
      flag = true;
    }(source, resumed));
    waiting.start(listener);
    source.set_value();
    waiting.destroy();
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  EXPECT_FALSE(resumed);
}

TEST(resume_on, forgets_a_coroutine_that_is_destroyed_on_its_way) {
  event_loop loop;
  event_loop other;
  nobody listener;
  bool resumed = false;
  loop.post([&] {
    async::root_task going([](event_loop& to, bool& flag) -> task<void> {
      async::resume_on there(&to);
      co_await there;
      flag = true;
    }(other, resumed));
    going.start(listener);
    going.destroy();
    loop.stop();
  });
  loop.run();
  other.post([&] { other.stop(); });
  other.run();
  EXPECT_FALSE(resumed);
}

struct waits {
  async::resumption& at;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) noexcept { at.arm(caller); }
  void await_resume() const noexcept {}
};

task<void> wait_at(async::resumption& at, int& resumed) {
  waits wait{at};
  co_await wait;
  ++resumed;
}

TEST(resumption, comes_at_the_end_of_the_turn_and_not_when_it_is_destroyed) {
  event_loop loop;
  nobody listener;
  int resumed = 0;
  async::resumption stays;
  async::root_task waiting(wait_at(stays, resumed));
  loop.post([&] {
    waiting.start(listener);
    async::resumption leaves;
    async::root_task other(wait_at(leaves, resumed));
    other.start(listener);
    leaves.wake(loop.state());
    stays.wake(loop.state());
    stays.wake(loop.state());
    EXPECT_EQ(resumed, 0);
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  EXPECT_EQ(resumed, 1);
}

/// Notes how many resumptions there were before it.
struct flush final : async::turn_task {
  const int& resumed;
  int resumed_before = -1;

  explicit flush(const int& count) : resumed(count) {}
  void on_turn_end() override { resumed_before = resumed; }
};

TEST(event_loop, resumes_who_waits_before_it_sends_what_they_write) {
  event_loop loop;
  int resumed = 0;
  flush sending(resumed);
  async::resumption first;
  async::resumption second;
  const auto take_part = [&](async::resumption& place, async::resumption* next) -> task<void> {
    waits waiting{place};
    co_await waiting;
    ++resumed;
    if (next) next->wake(loop.state());
  };
  spawn(loop, take_part(first, &second));
  spawn(loop, take_part(second, nullptr));
  loop.post([&] {
    loop.state().at_turn_end(sending);
    first.wake(loop.state());
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  EXPECT_EQ(sending.resumed_before, 2);
}

}  // namespace
}  // namespace saker
