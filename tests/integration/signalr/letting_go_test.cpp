// What hubs lend out is kept beyond the call, used and let go of on other threads: for
// ThreadSanitizer and AddressSanitizer above all.

#include <gtest/gtest.h>

#include <saker/signalr.hpp>

#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "signalr/hub_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;
namespace signalr = saker::signalr;

/// What hub calls have left behind for whoever wants it.
struct lost_property {
  std::mutex mutex;
  std::vector<signalr::single_client_proxy> callers;
  std::vector<signalr::client_proxy> groups;

  std::optional<signalr::single_client_proxy> take_caller() {
    const std::scoped_lock lock(mutex);
    if (callers.empty()) return std::nullopt;
    auto last = std::move(callers.back());
    callers.pop_back();
    return last;
  }
  std::optional<signalr::client_proxy> take_group() {
    const std::scoped_lock lock(mutex);
    if (groups.empty()) return std::nullopt;
    auto last = std::move(groups.back());
    groups.pop_back();
    return last;
  }
};

task<void> ask_later(signalr::single_client_proxy who) {
  auto later = delay(1ms);
  co_await later;
  try {
    co_await who.invoke<int>("Ask");
  } catch (const std::exception&) {
    co_return;  // It has gone, or says nothing.
  }
}

struct keeping_hub : signalr::hub {
  explicit keeping_hub(std::shared_ptr<lost_property> kept) : kept_(std::move(kept)) {}

  void keep() {
    groups().add_to_group(context().connection_id(), "group");
    const std::scoped_lock lock(kept_->mutex);
    kept_->callers.push_back(clients().caller());
    kept_->groups.push_back(clients().group("group"));
    kept_->groups.push_back(clients().others());
  }
  void later() { spawn(*event_loop::current(), ask_later(clients().caller())); }

  static void define(signalr::hub_methods<keeping_hub>& methods) {
    methods.add("Keep", &keeping_hub::keep).add("Later", &keeping_hub::later);
  }

  std::shared_ptr<lost_property> kept_;
};

class signalr_letting_go : public ::testing::Test {
 protected:
  std::shared_ptr<lost_property> kept_ = std::make_shared<lost_property>();
  test_server server_{[this](web_application& app) {
                        app.add(signalr::map_hub<keeping_hub>(
                            "/hub",
                            [](signalr::hub_endpoint_options& options) {
                              options.connection.websocket_close_timeout = 100ms;
                            },
                            kept_));
                      },
                      2};
};

TEST_F(signalr_letting_go, of_proxies_that_calls_have_left_behind) {
  std::atomic<bool> finished = false;
  std::thread user([&] {
    while (!finished) {
      if (const auto caller = kept_->take_caller()) caller->send("Note", 1);
      if (const auto group = kept_->take_group()) group->send("Note", 2);
      std::this_thread::yield();
    }
  });
  for (int count = 0; count < 60; ++count) {
    hub_client client(server_.port());
    client.invoke("1", "Keep", "");
    // Some see what comes of it, some have gone before.
    if (count % 2 == 0) {
      EXPECT_FALSE(client.read().empty());
    }
    if (count % 3 == 0) client.socket().raw().reset();
  }
  finished = true;
  user.join();
}

TEST_F(signalr_letting_go, of_proxies_that_ask_after_their_call) {
  for (int count = 0; count < 60; ++count) {
    hub_client client(server_.port());
    client.invoke("1", "Later", "");
    EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"1","result":null})");
    if (count % 3 == 0) client.socket().raw().reset();
    if (count % 3 == 1) {
      EXPECT_NE(client.read().find("Ask"), std::string::npos);
    }
  }
}

TEST_F(signalr_letting_go, of_hub_contexts_while_clients_come_and_go) {
  std::atomic<bool> finished = false;
  std::vector<std::thread> users;
  for (int number = 0; number < 2; ++number) {
    users.emplace_back([&] {
      while (!finished) {
        auto context = std::make_unique<signalr::hub_context<keeping_hub>>(
            signalr::hub_context<keeping_hub>(server_.app()));
        auto all = std::make_unique<signalr::client_proxy>(context->clients().all());
        const auto members = context->groups().members("group");
        for (const auto& each : members) context->groups().remove_from_group(each, "group");
        context.reset();
        all->send("Note", std::string(100, 'x'));
        std::this_thread::sleep_for(1ms);
      }
    });
  }
  for (int count = 0; count < 60; ++count) {
    hub_client client(server_.port());
    client.invoke("1", "Keep", "");
    EXPECT_FALSE(client.read().empty());
    if (count % 2 == 0) client.socket().raw().reset();
  }
  finished = true;
  for (auto& each : users) each.join();
}

}  // namespace
}  // namespace saker::testing
