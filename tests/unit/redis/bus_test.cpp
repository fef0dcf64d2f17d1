#include "redis/bus.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <string>

namespace saker::redis {
namespace {

struct deaf final : channel_receiver {
  void on_message(std::string_view, std::string_view) override {}
};

bus_settings nowhere() {
  bus_settings settings;
  settings.seeds.push_back({"127.0.0.1", 1});
  return settings;
}

TEST(redis_bus, keeps_nothing_of_channels_that_come_and_go_between_two_turns) {
  bus tested(nowhere());
  const auto receiver = std::make_shared<deaf>();
  const auto come_and_go = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      const auto name = "a channel that somebody was in for a moment: " + std::to_string(i);
      tested.subscribe(name, receiver);
      tested.unsubscribe(name);
    }
  };
  come_and_go(0, 100);
  const auto before = ::mallinfo2().uordblks;
  come_and_go(100, 10'100);
  EXPECT_LT(::mallinfo2().uordblks, before + 64 * 1024);
}

TEST(redis_bus, notes_a_channel_that_is_let_go_and_taken_again_once) {
  bus tested(nowhere());
  const auto receiver = std::make_shared<deaf>();
  const std::string name = "a channel that somebody leaves again and again, and comes back to";
  tested.subscribe(name, receiver);
  const auto before = ::mallinfo2().uordblks;
  for (int i = 0; i < 10'000; ++i) {
    tested.unsubscribe(name);
    tested.subscribe(name, receiver);
  }
  EXPECT_LT(::mallinfo2().uordblks, before + 64 * 1024);
  EXPECT_TRUE(tested.confirmation(name));
  tested.unsubscribe(name);
  EXPECT_FALSE(tested.confirmation(name));
}

}  // namespace
}  // namespace saker::redis
