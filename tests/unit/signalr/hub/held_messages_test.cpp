#include "signalr/hub/held_messages.hpp"

#include <gtest/gtest.h>

namespace saker::signalr {
namespace {

TEST(signalr_held_messages, come_out_in_order_and_cost_what_they_are) {
  held_messages held;
  EXPECT_TRUE(held.is_empty());
  EXPECT_EQ(held.bytes(), 0U);
  const auto before = waiting_bytes::of_process();
  held.push("one");
  held.push("three");
  EXPECT_EQ(held.count(), 2U);
  EXPECT_EQ(held.bytes(), outbox::cost_of(3) + outbox::cost_of(5));
  EXPECT_EQ(waiting_bytes::of_process() - before, held.bytes());
  EXPECT_EQ(held.front(), "one");
  held.pop();
  EXPECT_EQ(held.front(), "three");
  EXPECT_EQ(held.bytes(), outbox::cost_of(5));
  held.pop();
  EXPECT_TRUE(held.is_empty());
  EXPECT_EQ(waiting_bytes::of_process(), before);
}

TEST(signalr_held_messages, can_be_dropped) {
  held_messages held;
  held.clear();
  held.push("one");
  held.clear();
  EXPECT_TRUE(held.is_empty());
  EXPECT_EQ(held.count(), 0U);
}

}  // namespace
}  // namespace saker::signalr
