// Where memory is not to be had, what is on its way to a loop may be lost; what comes afterwards is
// not: nobody believes that the loop has been told when it has not.

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <new>

#include "async/loop_state.hpp"
#include "memory/scarce_memory.hpp"
#include "redis/bus.hpp"
#include "signalr/hub/audience.hpp"
#include "signalr/hub/loop_mail.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

/// Tries it with the first allocation failing, the second, and so on until none fails; what must
/// hold then is tried each time. Says how many failed.
int for_each_failure(const std::function<void()>& action, const std::function<void()>& check) {
  for (int nth = 1;; ++nth) {
    bool has_failed = false;
    {
      const scarce_memory scarce(nth);
      try {
        action();
      } catch (const std::bad_alloc&) {
        // It is lost.
      }
      has_failed = scarce.has_failed();
    }
    check();
    if (!has_failed) return nth - 1;
  }
}

/// Without waiting: a loop that does not know that there is something would wait for ever.
void run(event_loop& loop) {
  while (loop.state().turn()) {
  }
}

TEST(scarce_memory_notices, of_a_loop_come_after_one_that_was_lost) {
  // Each time anew: a loop keeps the memory of what it was told.
  auto loop = std::make_unique<event_loop>();
  int heard = 0;
  const int failures = for_each_failure([&] { loop->post([&heard] { ++heard; }); },
                                        [&] {
                                          const int before = heard;
                                          loop->post([&heard] { heard += 100; });
                                          run(*loop);
                                          EXPECT_GE(heard, before + 100);
                                          loop = std::make_unique<event_loop>();
                                        });
  EXPECT_GE(failures, 1);
}

class recipient final : public signalr::mail_recipient {
 public:
  void take(const signalr::broadcast&, signalr::room_request&) override { ++taken; }
  void end_overflowing() override {}
  void count_dropped(std::size_t) noexcept override {}

  int taken = 0;
};

TEST(scarce_memory_notices, of_a_mail_come_after_one_that_was_lost) {
  auto loop = std::make_unique<event_loop>();
  const signalr::mail_limit limit{signalr::overflow_policy::disconnect, 1'000'000};
  auto mail = std::make_shared<signalr::loop_mail>(*loop, limit);
  const auto to = std::make_shared<recipient>();
  const auto message = std::make_shared<const signalr::broadcast>(
      signalr::hub_message{.type = signalr::message_type::invocation},
      signalr::detail::encoded_values(), 2);
  const int failures = for_each_failure([&] { mail->send(to, message, 100, nullptr); },
                                        [&] {
                                          const int before = to->taken;
                                          mail->send(to, message, 100, nullptr);
                                          run(*loop);
                                          EXPECT_GT(to->taken, before);
                                          mail.reset();
                                          loop = std::make_unique<event_loop>();
                                          mail = std::make_shared<signalr::loop_mail>(*loop, limit);
                                        });
  EXPECT_GE(failures, 2);
}

TEST(scarce_memory_notices, of_the_bus_come_after_one_that_was_lost) {
  redis::bus_settings settings;
  settings.seeds.push_back({"127.0.0.1", 1});
  settings.publish_timeout = 1ms;
  redis::bus bus(settings);
  bus.start();
  const int failures = for_each_failure(
      [&] { bus.publish("channel", "payload", {}); },
      [&] {
        auto told = std::make_shared<std::promise<void>>();
        bus.publish("channel", "payload", [told](const auto&) { told->set_value(); });
        EXPECT_EQ(told->get_future().wait_for(30s), std::future_status::ready);
      });
  EXPECT_GE(failures, 2);
}

}  // namespace
}  // namespace saker::testing
