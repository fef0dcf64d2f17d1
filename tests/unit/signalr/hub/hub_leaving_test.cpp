// A connection that leaves very many groups.

#include <gtest/gtest.h>

#include <saker/signalr/hub/hub_methods.hpp>

#include <string>

#include "async/loop_state.hpp"
#include "signalr/hub/hub_connection.hpp"
#include "signalr/hub/hub_endpoint.hpp"
#include "signalr/hub/local_hub_manager.hpp"

namespace saker::signalr {
namespace {

struct empty_hub : hub {
  static void define(hub_methods<empty_hub>&) {}
};

/// Others on the same loop: how many turns they have had.
struct others {
  event_loop& loop;
  bool wanted = true;
  std::size_t turns = 0;

  void run() {
    if (!wanted) return;
    ++turns;
    loop.post([this] { run(); });
  }
};

task<void> leave(local_hub_manager& manager, std::shared_ptr<hub_connection> who, others& beside) {
  auto leaving = manager.on_disconnected(std::move(who));
  co_await leaving;
  beside.wanted = false;
  beside.loop.stop();
}

TEST(signalr_leaving, lets_others_have_their_turns) {
  constexpr std::size_t groups = 10'000;
  event_loop loop;
  others beside{loop};
  hub_endpoint_options options;
  const auto manager = std::make_shared<local_hub_manager>(options);
  hub_endpoint endpoint(define_hub<empty_hub>(), options, manager);
  loop.post([&] {
    const auto who = std::make_shared<hub_connection>(
        endpoint, std::make_shared<connection>(endpoint, "id", "token", false));
    manager->on_connected(who);
    for (std::size_t i = 0; i < groups; ++i) manager->add_to_group("id", "g" + std::to_string(i));
    EXPECT_EQ(manager->members("g7"), std::vector<std::string>{"id"});
    EXPECT_EQ(manager->count(), 1U);
    beside.run();
    loop.state().start(leave(*manager, who, beside));
  });
  loop.run();
  EXPECT_GE(beside.turns, groups / local_hub_manager::groups_left_at_once);
  EXPECT_EQ(manager->count(), 0U);
  EXPECT_EQ(manager->count("g0"), 0U);
  EXPECT_EQ(manager->count("g9999"), 0U);
}

}  // namespace
}  // namespace saker::signalr
