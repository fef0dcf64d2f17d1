#include <gtest/gtest.h>

#include <saker/async/event_loop.hpp>
#include <saker/async/task.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "async/resume_on.hpp"
#include "signalr/transports/input_pipe.hpp"

namespace saker::signalr {
namespace {

constexpr std::size_t limit = 65'536;

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// As a WebSocket does: one piece into the room that there is. Gives how much of it found room.
task<std::size_t> put(input_pipe& pipe, std::string_view piece) {
  auto space = pipe.space();
  const auto room = co_await space;
  const auto count = std::min(room.size(), piece.size());
  std::copy_n(std::as_bytes(std::span(piece)).begin(), count, room.begin());
  pipe.commit(count);
  co_return count;
}

task<void> put_all(input_pipe& pipe, std::string_view text, std::mt19937& random,
                   std::size_t most) {
  while (!text.empty()) {
    const auto size = std::min<std::size_t>(text.size(), 1 + random() % most);
    auto putting = put(pipe, text.substr(0, size));
    text.remove_prefix(co_await putting);
    if (random() % 4 == 0) {
      async::next_turn later(*event_loop::current());
      co_await later;
    }
  }
  pipe.finish();
}

/// Gives what it was shown, and looks whether that stays until it asks for more.
task<void> take_all(input_pipe& pipe, std::mt19937& random, std::string& taken,
                    std::size_t& pieces) {
  for (;;) {
    auto asking = pipe.next();
    const auto shown = co_await asking;
    if (shown.empty()) break;
    const auto first_sight = text_of(shown);
    for (auto turns = random() % 3; turns != 0; --turns) {
      async::next_turn later(*event_loop::current());
      co_await later;
    }
    EXPECT_EQ(text_of(shown), first_sight);
    taken += first_sight;
    ++pieces;
  }
  event_loop::current()->stop();
}

TEST(signalr_input_pipe, shows_all_that_has_come_before_the_application_asks) {
  event_loop loop;
  input_pipe pipe(limit);
  std::mt19937 random(1);
  std::string taken;
  std::size_t pieces = 0;
  const auto put_three = [&]() -> task<void> {
    for (const std::string_view each : {"one ", "two ", "three"}) {
      auto putting = put(pipe, each);
      EXPECT_EQ(co_await putting, each.size());
    }
    pipe.finish();
    spawn(loop, take_all(pipe, random, taken, pieces));
  };
  spawn(loop, put_three());
  loop.run();
  EXPECT_EQ(taken, "one two three");
  EXPECT_EQ(pieces, 1U);
}

TEST(signalr_input_pipe, loses_and_changes_nothing_whoever_is_slow) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    std::string text(20'000, '\0');
    std::generate(text.begin(), text.end(), [&] { return static_cast<char>(random()); });
    const std::size_t most = seed % 2 == 0 ? 40 : 3'000;
    event_loop loop;
    input_pipe pipe(limit);
    std::string taken;
    std::size_t pieces = 0;
    spawn(loop, take_all(pipe, random, taken, pieces));
    spawn(loop, put_all(pipe, text, random, most));
    loop.run();
    ASSERT_TRUE(taken == text) << "seed " << seed;
  }
}

TEST(signalr_input_pipe, gives_a_calm_client_little_room) {
  constexpr std::size_t calm = 256;
  event_loop loop;
  input_pipe pipe(limit);
  std::size_t most = 0;
  const auto go_back_and_forth = [&]() -> task<void> {
    for (int i = 0; i < 100; ++i) {
      auto space = pipe.space();
      most = std::max(most, (co_await space).size());
      pipe.commit(100);
      auto asking = pipe.next();
      co_await asking;
      auto done = pipe.next();  // Whoever asks is done with what was shown.
      EXPECT_FALSE(done.await_ready());
    }
    loop.stop();
  };
  spawn(loop, go_back_and_forth());
  loop.run();
  EXPECT_EQ(most, calm);
}

TEST(signalr_input_pipe, gives_four_times_the_room_that_was_taken_at_once) {
  event_loop loop;
  input_pipe pipe(limit);
  std::vector<std::size_t> rooms;
  const auto go_back_and_forth = [&]() -> task<void> {
    for (const std::size_t taken : {255U, 256U, 300U, 1'024U, 2'048U, 10U, 1U, 1U, 1U, 1U, 1U}) {
      auto space = pipe.space();
      rooms.push_back((co_await space).size());
      pipe.commit(taken);
      auto asking = pipe.next();
      co_await asking;
      auto done = pipe.next();
      EXPECT_FALSE(done.await_ready());
    }
    loop.stop();
  };
  spawn(loop, go_back_and_forth());
  loop.run();
  EXPECT_EQ(rooms, (std::vector<std::size_t>{256, 256, 1'024, 2'048, 4'096, 8'192, 4'096, 2'048,
                                             1'024, 512, 256}));
}

TEST(signalr_input_pipe, gives_another_socket_room_when_all_is_handled) {
  event_loop loop;
  input_pipe pipe(limit);
  std::vector<std::size_t> rooms;
  const auto receive_first = [&]() -> task<void> {
    while (!pipe.is_interrupted() && (rooms.empty() || rooms.back() == 0)) {
      auto space = pipe.space(true);
      rooms.push_back((co_await space).size());
    }
  };
  const auto handle = [&]() -> task<void> {
    auto space = pipe.space();
    co_await space;
    pipe.commit(3);
    auto asking = pipe.next();
    EXPECT_EQ((co_await asking).size(), 3U);
    spawn(loop, receive_first());
    for (const auto& wake_in_vain : std::vector<std::function<void()>>{
             [] {}, [&] { pipe.set_held(false); }, [&] { pipe.finish(); }}) {
      async::next_turn later(loop);
      co_await later;
      wake_in_vain();
    }
    async::next_turn later(loop);
    co_await later;
    EXPECT_EQ(rooms, (std::vector<std::size_t>{0, 0}));
    auto done = pipe.next();
    EXPECT_TRUE(done.await_ready());
    async::next_turn at_last(loop);
    co_await at_last;
    EXPECT_EQ(rooms, (std::vector<std::size_t>{0, 0, 256}));
    loop.stop();
  };
  spawn(loop, handle());
  loop.run();
}

TEST(signalr_input_pipe, an_interrupt_ends_the_wait_of_another_socket) {
  event_loop loop;
  input_pipe pipe(limit);
  std::optional<std::size_t> room;
  const auto receive_first = [&]() -> task<void> {
    auto space = pipe.space(true);
    room = (co_await space).size();
  };
  const auto handle = [&]() -> task<void> {
    auto space = pipe.space();
    co_await space;
    pipe.commit(3);
    auto asking = pipe.next();
    co_await asking;
    spawn(loop, receive_first());
    async::next_turn later(loop);
    co_await later;
    EXPECT_FALSE(room);
    pipe.interrupt();
    async::next_turn at_last(loop);
    co_await at_last;
    EXPECT_EQ(room, 0U);
    loop.stop();
  };
  spawn(loop, handle());
  loop.run();
}

}  // namespace
}  // namespace saker::signalr
