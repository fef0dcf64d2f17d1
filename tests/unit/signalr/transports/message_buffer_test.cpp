#include "signalr/transports/message_buffer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace saker::signalr {
namespace {

shared_message text(std::string_view content) {
  return share(std::as_bytes(std::span(content)), websocket_message_type::text);
}

std::vector<std::string> take(message_buffer& from) {
  std::vector<std::string> all;
  while (const auto message = from.next()) {
    const auto payload = message->payload();
    all.emplace_back(reinterpret_cast<const char*>(payload.data()), payload.size());
  }
  return all;
}

using strings = std::vector<std::string>;

TEST(message_buffer, gives_messages_once_and_again_after_a_loss) {
  message_buffer buffer(1000);
  buffer.add(text("a"));
  buffer.add(text("b"));
  EXPECT_EQ(take(buffer), (strings{"a", "b"}));
  EXPECT_EQ(take(buffer), strings());
  buffer.acknowledge(1);
  EXPECT_EQ(buffer.begin_anew(), 2);
  buffer.add(text("c"));
  EXPECT_EQ(take(buffer), (strings{"b", "c"}));
  buffer.acknowledge(3);
  EXPECT_EQ(buffer.size(), 0U);
  EXPECT_EQ(buffer.begin_anew(), 4);
  EXPECT_EQ(take(buffer), strings());
}

TEST(message_buffer, waits_for_acks_when_it_is_full) {
  message_buffer buffer(2 * outbox::cost_of(1));
  for (const auto* each : {"a", "b", "c"}) buffer.add(text(each));
  EXPECT_EQ(take(buffer), (strings{"a", "b"}));
  EXPECT_TRUE(buffer.is_blocked());
  buffer.acknowledge(1);
  EXPECT_EQ(take(buffer), (strings{"c"}));
  EXPECT_FALSE(buffer.is_blocked());
}

TEST(message_buffer, ignores_acks_of_what_was_not_sent) {
  message_buffer buffer(1000);
  buffer.add(text("a"));
  buffer.acknowledge(5);
  EXPECT_EQ(take(buffer), (strings{"a"}));
  buffer.acknowledge(-1);
  EXPECT_EQ(buffer.size(), 1U + outbox::message_cost);
}

TEST(message_buffer, drops_what_was_processed_before) {
  message_buffer buffer(1000);
  EXPECT_TRUE(buffer.should_process());
  EXPECT_TRUE(buffer.should_process());
  EXPECT_EQ(buffer.take_ack(0), 2);
  EXPECT_EQ(buffer.take_ack(0), 0);
  ASSERT_TRUE(buffer.resume_at(2));
  EXPECT_FALSE(buffer.should_process());
  EXPECT_TRUE(buffer.should_process());
  EXPECT_EQ(buffer.take_ack(0), 3);
  EXPECT_TRUE(buffer.resume_at(4));
  EXPECT_FALSE(buffer.resume_at(5)) << "message 4 is missing";
}

TEST(message_buffer, acknowledges_only_what_does_not_wait) {
  message_buffer buffer(1000);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(buffer.should_process());
  EXPECT_EQ(buffer.take_ack(3), 0);
  EXPECT_EQ(buffer.take_ack(1), 2);
  EXPECT_EQ(buffer.take_ack(2), 0);
  EXPECT_EQ(buffer.ack_again(), 2);
  EXPECT_EQ(buffer.take_ack(0), 3);
}

}  // namespace
}  // namespace saker::signalr
