// What several threads share is let go of by one while another uses it: for ThreadSanitizer and
// AddressSanitizer above all.

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "support/ws_client.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

constexpr int rounds = 300;

/// A thread that destroys what it is given.
template <class... Things>
class janitor {
 public:
  using thing = std::variant<Things...>;

  janitor() = default;
  janitor(const janitor&) = delete;
  janitor& operator=(const janitor&) = delete;
  ~janitor() {
    {
      const std::scoped_lock lock(mutex_);
      finished_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void take(thing gone) {
    {
      const std::scoped_lock lock(mutex_);
      things_.push_back(std::move(gone));
    }
    changed_.notify_one();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return finished_ || !things_.empty(); });
      if (things_.empty()) return;
      auto gone = std::make_unique<thing>(std::move(things_.front()));
      things_.pop_front();
      lock.unlock();
      gone.reset();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<thing> things_;
  bool finished_ = false;
  std::thread thread_{[this] { work(); }};
};

task<void> next_turn() {
  auto turn = delay(0ms);
  co_await turn;
}

using shared_group = std::shared_ptr<websocket_group>;

TEST(websocket_letting_go, of_a_group_while_its_last_member_leaves) {
  janitor<shared_group> elsewhere;
  one_handler<int> handler([&](websocket& socket, http_context&) -> task<int> {
    int count = 0;
    for (; count < rounds; ++count) {
      auto group = std::make_shared<websocket_group>();
      group->add(socket);
      group->broadcast("x");
      elsewhere.take(group);
      group->remove(socket);
      group.reset();
      co_await next_turn();
    }
    co_return count;
  });
  ws_client client(handler.port());
  for (int count = 0; count < rounds; ++count) EXPECT_EQ(client.read_frame().payload, "x");
  EXPECT_EQ(handler.result(), rounds);
}

TEST(websocket_letting_go, of_a_group_that_still_has_members_and_broadcasts) {
  janitor<shared_group> elsewhere;
  one_handler<int> handler([&](websocket& socket, http_context&) -> task<int> {
    int count = 0;
    for (; count < rounds; ++count) {
      auto group = std::make_shared<websocket_group>();
      group->add(socket);
      group->broadcast("x");
      elsewhere.take(std::move(group));
      co_await next_turn();
    }
    co_return count;
  });
  ws_client client(handler.port());
  EXPECT_EQ(handler.result(), rounds);
  int received = 0;
  while (client.read_frame().opcode != 8) ++received;
  EXPECT_EQ(received, rounds);
}

TEST(websocket_letting_go, of_a_group_that_other_threads_broadcast_in_while_members_vanish) {
  janitor<shared_group> elsewhere;
  std::mutex mutex;
  shared_group current = std::make_shared<websocket_group>();
  const auto now = [&] {
    const std::scoped_lock lock(mutex);
    return current;
  };
  std::promise<void> finished;
  const auto end = finished.get_future().share();
  test_server server(
      [&](web_application& app) {
        app.map_websocket("/ws", [&](websocket& socket) -> task<void> {
          now()->add(socket);
          co_await receive_until_close(socket);
        });
      },
      2);
  std::thread talker([&] {
    while (end.wait_for(0s) != std::future_status::ready) {
      now()->broadcast("x");
      elsewhere.take(now());
      std::this_thread::yield();
    }
  });
  for (int round = 0; round < 30; ++round) {
    std::vector<ws_client> clients;
    for (int count = 0; count < 5; ++count) clients.emplace_back(server.port());
    auto next = std::make_shared<websocket_group>();
    {
      const std::scoped_lock lock(mutex);
      std::swap(current, next);
    }
    elsewhere.take(std::move(next));
    for (auto& each : clients) each.raw().reset();
  }
  finished.set_value();
  talker.join();
  SUCCEED();
}

TEST(websocket_letting_go, of_a_socket_that_receives_and_sends) {
  using shared_socket = std::shared_ptr<websocket>;
  janitor<shared_socket> elsewhere;
  test_server server(
      [&](web_application& app) {
        app.map_websocket("/ws", [&](websocket accepted) -> task<void> {
          auto socket = std::make_shared<websocket>(std::move(accepted));
          auto& loop = socket->loop();
          const std::weak_ptr<websocket> kept = socket;
          spawn(loop, [](std::weak_ptr<websocket> from) -> task<void> {
            try {
              while (const auto held = from.lock()) co_await held->send("x");
            } catch (const std::system_error&) {
              co_return;
            }
          }(kept));
          const auto first = co_await socket->receive_message();
          EXPECT_FALSE(first.is_close());
          elsewhere.take(std::move(socket));
        });
      },
      2);
  for (int count = 0; count < 50; ++count) {
    ws_client client(server.port());
    client.send({.payload = "go"});
    if (count % 2 == 0) client.send({.opcode = 8, .payload = close_payload(1000)});
    client.raw().read_some();  // What was sent before the socket was let go of, or the end.
    if (count % 3 == 0) client.raw().reset();
  }
}

TEST(websocket_letting_go, of_a_prepared_message_that_members_are_sent) {
  janitor<websocket_prepared_message> elsewhere;
  websocket_group group(overflow_policy::drop_newest);
  test_server server(
      [&](web_application& app) {
        app.map_websocket("/ws",
                          [&](websocket& socket) -> task<void> {
                            group.add(socket);
                            co_await receive_until_close(socket);
                            co_await socket.close();
                          },
                          {.dangerous_enable_compression = true});
      },
      2);
  std::vector<ws_client> clients;
  for (int count = 0; count < 4; ++count)
    clients.push_back(ws_client::offering(server.port(), "/ws", "permessage-deflate"));
  while (group.size() < clients.size()) std::this_thread::yield();
  for (int count = 0; count < rounds; ++count) {
    websocket_prepared_message message(std::string(2'000, 'x'));
    group.broadcast(message);
    elsewhere.take(std::move(message));
  }
  for (auto& each : clients) {
    for (int count = 0; count < 10; ++count) EXPECT_TRUE(each.read_frame().compressed);
    each.raw().reset();
  }
  while (group.size() != 0) std::this_thread::yield();
}

}  // namespace
}  // namespace saker::testing
