#include "signalr/transports/waiting_messages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <span>
#include <string>

namespace saker::signalr {
namespace {

shared_message message(int number) {
  const auto text = std::to_string(number);
  return std::make_shared<const websockets::prepared>(std::as_bytes(std::span(text)),
                                                      websocket_message_type::text, true);
}

std::string text_of(const shared_message& message) {
  if (!message) return "none";
  const auto bytes = message->payload();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The same, as simple as it can be.
struct model {
  struct entry {
    int number;
    bool droppable;
  };

  std::string pop() {
    const auto number = entries.front().number;
    entries.pop_front();
    return std::to_string(number);
  }
  std::string drop_oldest() {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [](const entry& each) { return each.droppable; });
    if (found == entries.end()) return "none";
    const auto number = found->number;
    entries.erase(found);
    return std::to_string(number);
  }

  std::deque<entry> entries;
};

TEST(signalr_waiting_messages, go_in_order_and_the_oldest_first) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    waiting_messages queue;
    model wanted;
    for (int i = 0; i < 2'000; ++i) {
      const auto choice = random() % (seed % 5 + 3);
      if (choice == 0 && !wanted.entries.empty()) {
        ASSERT_EQ(text_of(queue.pop()), wanted.pop()) << "seed " << seed;
      } else if (choice == 1) {
        ASSERT_EQ(text_of(queue.drop_oldest()), wanted.drop_oldest()) << "seed " << seed;
      } else {
        const bool droppable = random() % 3 != 0;
        queue.push(message(i), droppable);
        wanted.entries.push_back({i, droppable});
      }
      ASSERT_EQ(queue.is_empty(), wanted.entries.empty());
    }
    while (!wanted.entries.empty()) ASSERT_EQ(text_of(queue.pop()), wanted.pop());
    EXPECT_TRUE(queue.is_empty());
    queue.push(message(1), true);
    queue.clear();
    EXPECT_TRUE(queue.is_empty());
    EXPECT_EQ(queue.drop_oldest(), nullptr);
  }
}

}  // namespace
}  // namespace saker::signalr
