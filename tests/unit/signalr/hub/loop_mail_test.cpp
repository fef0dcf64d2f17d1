// What other threads have for the clients of a loop that has no time.

#include "signalr/hub/loop_mail.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "signalr/hub/audience.hpp"

namespace saker::signalr {
namespace {

class recipient final : public mail_recipient {
 public:
  explicit recipient(std::vector<std::string>& heard) : heard_(heard) {}
  void take(const broadcast& what, room_request&) override {
    heard_.push_back(what.message.message().target);
  }
  void end_overflowing() override { ++ended; }
  void count_dropped(std::size_t messages) noexcept override { dropped += messages; }

  int ended = 0;
  std::size_t dropped = 0;

 private:
  std::vector<std::string>& heard_;
};

class loop_mail_test : public ::testing::Test {
 protected:
  static constexpr std::size_t size = 100;

  /// Room for that many messages.
  void make(overflow_policy policy, std::size_t messages) {
    mail = std::make_shared<loop_mail>(
        loop, mail_limit{policy, messages * (size + loop_mail::letter_cost)});
  }
  void send(const std::shared_ptr<recipient>& to, const std::string& what,
            std::shared_ptr<room_guard> guard = nullptr) {
    hub_message message{.type = message_type::invocation};
    message.target = what;
    mail->send(to,
               std::make_shared<const broadcast>(std::move(message), detail::encoded_values(), 2),
               size, std::move(guard));
  }
  /// The loop has time again.
  void run() {
    loop.post([this] { loop.stop(); });
    loop.run();
  }

  event_loop loop;
  std::shared_ptr<loop_mail> mail;
  std::vector<std::string> heard;
  std::shared_ptr<recipient> one = std::make_shared<recipient>(heard);
  std::shared_ptr<recipient> two = std::make_shared<recipient>(heard);
};

TEST_F(loop_mail_test, keeps_the_order_of_messages_and_steps) {
  make(overflow_policy::disconnect, 10);
  send(one, "1");
  mail->post(two, [this] { heard.emplace_back("joined"); });
  send(two, "2");
  EXPECT_TRUE(mail->ask(one, size, [this] { heard.emplace_back("asked"); }));
  send(one, "3");
  EXPECT_TRUE(heard.empty());
  run();
  EXPECT_EQ(heard, (std::vector<std::string>{"1", "joined", "2", "asked", "3"}));
  heard.clear();
  send(two, "4");
  run();
  EXPECT_EQ(heard, std::vector<std::string>{"4"});
}

TEST_F(loop_mail_test, ends_once_whoever_has_too_much) {
  for (const auto policy : {overflow_policy::disconnect, overflow_policy::wait}) {
    make(policy, 3);
    heard.clear();
    one->ended = 0;
    one->dropped = 0;
    for (int i = 0; i < 1'000; ++i) send(one, std::to_string(i));
    send(two, "another");
    run();
    EXPECT_EQ(heard, (std::vector<std::string>{"0", "1", "2", "another"}));
    EXPECT_EQ(one->ended, 1);
    EXPECT_EQ(one->dropped, 997U);
    EXPECT_EQ(two->ended, 0);
  }
}

TEST_F(loop_mail_test, drops_the_newest) {
  make(overflow_policy::drop_newest, 3);
  for (int i = 0; i < 1'000; ++i) send(one, std::to_string(i));
  run();
  EXPECT_EQ(heard, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(one->ended, 0);
  EXPECT_EQ(one->dropped, 997U);
}

TEST_F(loop_mail_test, drops_the_oldest_of_the_same_recipient) {
  make(overflow_policy::drop_oldest, 3);
  send(two, "first");
  for (int i = 0; i < 1'000; ++i) {
    send(one, std::to_string(i));
    if (i == 500) mail->post(one, [this] { heard.emplace_back("step"); });
  }
  send(two, "second");
  run();
  EXPECT_EQ(heard, (std::vector<std::string>{"first", "step", "997", "998", "999", "second"}));
  EXPECT_EQ(one->dropped, 997U);
  EXPECT_EQ(two->dropped, 0U);
  EXPECT_EQ(one->ended, 0);
}

TEST_F(loop_mail_test, refuses_questions_that_are_too_many) {
  make(overflow_policy::drop_oldest, 2);
  EXPECT_TRUE(mail->ask(one, size, [this] { heard.emplace_back("1"); }));
  EXPECT_TRUE(mail->ask(one, size, [this] { heard.emplace_back("2"); }));
  EXPECT_FALSE(mail->ask(one, size, [this] { heard.emplace_back("3"); }));
  // Nothing of it may be dropped.
  send(one, "4");
  run();
  EXPECT_EQ(heard, (std::vector<std::string>{"1", "2"}));
  EXPECT_TRUE(mail->ask(one, size, [] {}));
}

TEST_F(loop_mail_test, one_message_may_be_of_any_size) {
  make(overflow_policy::disconnect, 0);
  send(one, "large");
  send(one, "too much");
  run();
  EXPECT_EQ(heard, std::vector<std::string>{"large"});
  EXPECT_EQ(one->ended, 1);
}

TEST_F(loop_mail_test, lets_senders_go_on_whose_message_was_dropped) {
  make(overflow_policy::drop_oldest, 1);
  auto guard = std::make_shared<room_guard>(patience::for_each);
  const auto waiting = guard->source();
  send(one, "old", std::move(guard));
  EXPECT_FALSE(waiting.completed());
  send(one, "new");
  EXPECT_TRUE(waiting.completed());
}

}  // namespace
}  // namespace saker::signalr
