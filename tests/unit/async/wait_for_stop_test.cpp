#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stop_token>
#include <thread>

#include <saker/async/event_loop.hpp>

namespace saker {
namespace {

using namespace std::chrono_literals;

/// What it returned; nothing when the loop had to be asked in vain.
std::optional<bool> waited(std::stop_token stop, std::chrono::nanoseconds at_most) {
  event_loop loop;
  std::optional<bool> result;
  const auto wait = [&]() -> task<void> {
    auto waiting = wait_for_stop(stop, at_most);
    result = co_await waiting;
    loop.stop();
  };
  spawn(loop, wait());
  loop.run();
  return result;
}

TEST(wait_for_stop, says_whether_a_stop_came_or_the_time_was_over) {
  std::stop_source stop;
  EXPECT_EQ(waited(stop.get_token(), 1ms), false);
  stop.request_stop();
  EXPECT_EQ(waited(stop.get_token(), 24h), true);
}

TEST(wait_for_stop, hears_of_a_stop_from_another_thread) {
  std::stop_source stop;
  std::jthread other([&] { stop.request_stop(); });
  EXPECT_EQ(waited(stop.get_token(), 24h * 365), true);
}

TEST(wait_for_stop, may_never_be_stopped) { EXPECT_EQ(waited({}, 1ms), false); }

}  // namespace
}  // namespace saker
