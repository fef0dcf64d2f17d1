#include "signalr/backplane/pending_commands.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <utility>
#include <vector>

namespace saker::signalr::backplane {
namespace {

using namespace std::chrono_literals;

task<command_end> outcome_of(completion_source<command_end> source) { co_return co_await source; }

/// Runs what is posted on the loop, and that behind it.
void run(event_loop& loop, std::function<void()> last) {
  loop.post([&] {
    last();
    loop.stop();
  });
  loop.run();
}

TEST(pending_commands, leave_no_time_limit_behind_when_all_are_acknowledged) {
  event_loop loop;
  pending_commands tested(loop, 30s);
  std::vector<completion_source<command_end>> ends(3);
  std::vector<std::int32_t> ids;
  for (const auto& each : ends) ids.push_back(tested.begin(each));
  run(loop, [&] { EXPECT_TRUE(tested.is_watching()); });
  run(loop, [&] {
    tested.end(ids[0], {true, {}});
    tested.end(ids[2], {true, {}});
    EXPECT_TRUE(tested.is_watching());
    tested.end(ids[1], {true, {}});
    EXPECT_FALSE(tested.is_watching());
  });
  for (const auto& each : ends) EXPECT_TRUE(each.completed());
}

TEST(pending_commands, leave_no_time_limit_behind_when_another_thread_ends_the_last) {
  event_loop loop;
  pending_commands tested(loop, 30s);
  const completion_source<command_end> ended;
  const auto id = tested.begin(ended);
  run(loop, [&] { EXPECT_TRUE(tested.is_watching()); });
  tested.end(id, {false, "Redis is away."});
  EXPECT_TRUE(ended.completed());
  run(loop, [&] { EXPECT_FALSE(tested.is_watching()); });
}

TEST(pending_commands, are_given_up_when_they_are_late_each_at_its_time) {
  event_loop loop;
  pending_commands tested(loop, 200ms);
  const completion_source<command_end> acknowledged;
  const completion_source<command_end> late;
  const auto begun = std::chrono::steady_clock::now();
  const auto first = tested.begin(acknowledged);
  tested.begin(late);
  tested.end(first, {true, {}});
  spawn(loop, [](event_loop& on, completion_source<command_end> source) -> task<void> {
    auto waiting = outcome_of(std::move(source));
    const auto how = co_await waiting;
    EXPECT_FALSE(how.acknowledged);
    EXPECT_EQ(how.error, "");
    on.stop();
  }(loop, late));
  loop.run();
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 200ms);
  EXPECT_TRUE(acknowledged.completed());
  run(loop, [&] { EXPECT_FALSE(tested.is_watching()); });
}

TEST(pending_commands, are_watched_again_after_none_was_there) {
  event_loop loop;
  pending_commands tested(loop, 30s);
  for (int i = 0; i < 3; ++i) {
    const completion_source<command_end> ended;
    const auto id = tested.begin(ended);
    run(loop, [&] { EXPECT_TRUE(tested.is_watching()); });
    run(loop, [&] { tested.end(id, {true, {}}); });
    EXPECT_FALSE(tested.is_watching());
  }
}

}  // namespace
}  // namespace saker::signalr::backplane
