#include "signalr/backplane/messages.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include <saker/signalr/protocol/hub_protocol.hpp>

#include "signalr/backplane/channels.hpp"

namespace saker::signalr::backplane {
namespace {

std::string bytes(std::string_view hexadecimal) {
  std::string result;
  std::string digits;
  for (const char each : hexadecimal) {
    if (each == ' ') continue;
    digits += each;
    if (digits.size() == 2) {
      result += static_cast<char>(std::stoul(digits, nullptr, 16));
      digits.clear();
    }
  }
  return result;
}

TEST(backplane_messages, acks_are_the_originals) {
  EXPECT_EQ(write_ack(42), bytes("91 2A"));
  EXPECT_EQ(write_ack(180), bytes("91 CC B4"));
  EXPECT_EQ(write_ack(384), bytes("91 CD 01 80"));
  EXPECT_EQ(write_ack(70'000), bytes("91 CE 00 01 11 70"));
  for (const int id : {0, 42, 180, 384, 70'000, 2'147'483'647})
    EXPECT_EQ(read_ack(write_ack(id)), id);
  // As other writers may have it, and with what is not known yet.
  EXPECT_EQ(read_ack(bytes("91 D2 00 00 00 2A")), 42);
  EXPECT_EQ(read_ack(bytes("93 2A C0 A1 78")), 42);
}

TEST(backplane_messages, group_commands_are_the_originals) {
  const auto command = bytes("95 2A A1 53 01 A1 47 A1 43");
  EXPECT_EQ(write(group_command{42, "S", group_action::add, "G", "C"}), command);
  const auto read = read_group_command(command);
  EXPECT_EQ(read.id, 42);
  EXPECT_EQ(read.server, "S");
  EXPECT_EQ(read.action, group_action::add);
  EXPECT_EQ(read.group, "G");
  EXPECT_EQ(read.connection_id, "C");
  EXPECT_EQ(read_group_command(bytes("95 2A A1 53 02 A1 47 A1 43")).action, group_action::remove);
}

TEST(backplane_messages, invocations_are_the_originals) {
  const auto all = bytes("92 90 82 A2 70 31 C4 01 2A A2 70 32 C4 01 2A");
  EXPECT_EQ(write(invocation{.messages = {{"p1", "*"}, {"p2", "*"}}}), all);
  const auto read = read_invocation(all);
  EXPECT_TRUE(read.excluded.empty());
  EXPECT_EQ(read.messages.at("p1"), "*");
  EXPECT_EQ(read.messages.at("p2"), "*");
  EXPECT_EQ(read.messages.size(), 2u);
  EXPECT_TRUE(read.invocation_id.empty());

  const auto but_a = bytes("92 91 A1 61 82 A2 70 31 C4 01 2A A2 70 32 C4 01 2A");
  EXPECT_EQ(write(invocation{.excluded = {"a"}, .messages = {{"p1", "*"}, {"p2", "*"}}}), but_a);
  EXPECT_EQ(read_invocation(but_a).excluded, std::vector<std::string>{"a"});

  const auto question = bytes("94 90 81 A2 70 31 C4 01 2A A1 69 A1 72");
  EXPECT_EQ(
      write(invocation{.messages = {{"p1", "*"}}, .invocation_id = "i", .return_channel = "r"}),
      question);
  EXPECT_EQ(read_invocation(question).invocation_id, "i");
  EXPECT_EQ(read_invocation(question).return_channel, "r");
}

TEST(backplane_messages, an_origin_is_an_item_that_others_skip) {
  const invocation message{.messages = {{"p1", "*"}}, .origin = "0123456789abcdef"};
  const auto written = write(message);
  EXPECT_EQ(written, bytes("95 90 81 A2 70 31 C4 01 2A C0 C0 B0") + "0123456789abcdef");
  EXPECT_TRUE(is_from(written, "0123456789abcdef"));
  EXPECT_FALSE(is_from(written, "0123456789abcde0"));
  EXPECT_FALSE(is_from(written, ""));
  const auto read = read_invocation(written);
  EXPECT_EQ(read.origin, "0123456789abcdef");
  EXPECT_TRUE(read.invocation_id.empty());
  EXPECT_TRUE(read.return_channel.empty());
}

TEST(backplane_messages, completions_are_the_originals) {
  const auto answer = bytes("92 A4 6A 73 6F 6E C4 02 7B 7D");
  EXPECT_EQ(write(completion{"json", "{}"}), answer);
  EXPECT_EQ(read_completion(answer).protocol, "json");
  EXPECT_EQ(read_completion(answer).message, "{}");
}

TEST(backplane_messages, that_are_malformed_are_refused) {
  for (const auto* const each :
       {"", "C1", "90", "91 A1 61", "91 CF 00 00 00 01 00 00 00 00", "81 2A 2A",
        "91 CA 00 00 00 00", "91", "91 D3 FF FF FF FF 00 00 00 00"}) {
    EXPECT_THROW(read_ack(bytes(each)), protocol_error) << each;
  }
  for (const auto* const each :
       {"94 2A A1 53 01 A1 47", "95 2A A1 53 03 A1 47 A1 43", "95 2A 53 01 A1 47 A1 43",
        "95 2A A1 53 01 C0 A1 43", "95 2A A1 53 01 A1 47 A1"}) {
    EXPECT_THROW(read_group_command(bytes(each)), protocol_error) << each;
  }
  for (const auto* const each :
       {"91 90", "92 90 90", "92 80 80", "92 91 2A 80", "92 90 81 A2 70 31 A1 2A",
        "92 90 81 2A C4 01 2A", "94 90 80 2A A1 72"}) {
    EXPECT_THROW(read_invocation(bytes(each)), protocol_error) << each;
  }
  EXPECT_THROW(read_completion(bytes("91 A1 61")), protocol_error);
  EXPECT_THROW(read_completion(bytes("92 A1 61 A1 62")), protocol_error);
  EXPECT_THROW(read_invocation(std::string(100'000, '\x91')), protocol_error);
}

TEST(backplane_channels, are_the_originals) {
  const channels named("", "MyApp.ChatHub");
  EXPECT_EQ(named.all(), "MyApp.ChatHub:all");
  EXPECT_EQ(named.group_commands(), "MyApp.ChatHub:internal:groups");
  EXPECT_EQ(named.acks("host_0f"), "MyApp.ChatHub:internal:ack:host_0f");
  EXPECT_EQ(named.answers("host_0f"), "MyApp.ChatHub:internal:return:host_0f");
  EXPECT_EQ(named.connection("C"), "MyApp.ChatHub:connection:C");
  EXPECT_EQ(named.user("U"), "MyApp.ChatHub:user:U");
  EXPECT_EQ(named.group("G"), "MyApp.ChatHub:group:G");
  EXPECT_EQ(channels("shop-", "MyApp.ChatHub").all(), "shop-MyApp.ChatHub:all");
}

}  // namespace
}  // namespace saker::signalr::backplane
