// Who sends from another thread while somebody comes.

#include "signalr/hub/audience.hpp"

#include <gtest/gtest.h>

#include <saker/signalr/hub/hub_methods.hpp>

#include <atomic>
#include <thread>

#include "signalr/hub/hub_connection.hpp"
#include "signalr/hub/hub_endpoint.hpp"
#include "signalr/hub/local_hub_manager.hpp"

namespace saker::signalr {
namespace {

struct empty_hub : hub {
  static void define(hub_methods<empty_hub>&) {}
};

TEST(signalr_audience, is_never_empty_while_somebody_comes) {
  event_loop loop;
  hub_endpoint_options options;
  const auto limit = mail_limit::of(options.connection);
  hub_endpoint endpoint(define_hub<empty_hub>(), options,
                        std::make_shared<local_hub_manager>(options));
  std::atomic<const audience_bucket*> watched = nullptr;
  std::atomic<bool> over = false;
  std::atomic<std::size_t> looks = 0;
  std::size_t empty = 0;
  std::thread watcher([&] {
    while (!over) {
      if (const auto* const bucket = watched.load()) empty += bucket->is_empty() ? 1 : 0;
      ++looks;
    }
  });
  loop.post([&] {
    const auto who = std::make_shared<hub_connection>(
        endpoint, std::make_shared<connection>(endpoint, "id", "token", false));
    const auto mail = std::make_shared<loop_mail>(loop, limit);
    const auto wait_for_a_look = [&] {
      for (const auto before = looks.load(); looks < before + 2;) std::this_thread::yield();
    };
    for (int i = 0; i < 20'000; ++i) {
      const auto bucket = std::make_shared<audience_bucket>(mail);
      bucket->expect(*who);
      watched = bucket.get();
      wait_for_a_look();
      bucket->add(std::make_shared<membership>(who));
      wait_for_a_look();
      watched = nullptr;
      wait_for_a_look();
    }
    loop.stop();
  });
  loop.run();
  over = true;
  watcher.join();
  EXPECT_EQ(empty, 0U);
}

}  // namespace
}  // namespace saker::signalr
