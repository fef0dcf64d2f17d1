// Many threads, many sockets, which come and go: for ThreadSanitizer above all.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/ws_client.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

/// Sockets that any thread may send to, until their handlers take them out.
class directory {
 public:
  void add(const std::shared_ptr<websocket>& socket) {
    const std::scoped_lock lock(mutex_);
    sockets_.push_back(socket);
  }
  void remove(const std::shared_ptr<websocket>& socket) {
    const std::scoped_lock lock(mutex_);
    std::erase(sockets_, socket);
  }
  std::shared_ptr<websocket> some(std::size_t number) const {
    const std::scoped_lock lock(mutex_);
    return sockets_.empty() ? nullptr : sockets_[number % sockets_.size()];
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<websocket>> sockets_;
};

constexpr int sockets = 1'000;
constexpr int at_a_time = 50;
constexpr int messages_for_each = 5;

TEST(websocket_threads, eight_send_to_a_thousand_sockets_that_open_and_close) {
  directory open;
  websocket_group group(overflow_policy::drop_newest);
  test_server server(
      [&](web_application& app) {
        app.map_websocket("/ws",
                          [&](websocket accepted) -> task<void> {
                            const auto socket = std::make_shared<websocket>(std::move(accepted));
                            open.add(socket);
                            group.add(*socket);
                            try {
                              co_await receive_until_close(*socket);
                              co_await socket->close();
                            } catch (const websocket_error&) {
                              // It has vanished.
                            }
                            open.remove(socket);
                          },
                          {.dangerous_enable_compression = true});
      },
      2);

  std::atomic<bool> finished = false;
  std::atomic<std::uint64_t> sent = 0;
  std::vector<std::jthread> senders;
  struct finishing {
    std::atomic<bool>& flag;
    ~finishing() { flag = true; }
  } finish{finished};
  for (std::size_t number = 0; number < 8; ++number) {
    senders.emplace_back([&, number] {
      const std::string text = "from thread " + std::to_string(number);
      const websocket_prepared_message shared(text);
      event_loop loop;
      for (std::size_t i = number; !finished; ++i) {
        const auto socket = open.some(i);
        if (!socket) continue;
        switch (i % 40) {
          // One broadcast makes many messages.
          case 0: group.broadcast(shared); break;
          case 20: group.broadcast_except(*socket, text); break;
          case 1:
          case 2:
          case 3: sent += socket->try_send(text) ? 1 : 0; break;
          case 21:
          case 22: sent += socket->try_send(shared) ? 1 : 0; break;
          default:
            spawn(loop, [](event_loop& on, std::shared_ptr<websocket> to) -> task<void> {
              try {
                co_await to->send("awaited");
              } catch (const websocket_error&) {
                // It has closed meanwhile.
              }
              on.stop();
            }(loop, socket));
            loop.run();
            break;
        }
        sent += socket->buffered_amount() == 0 ? 0 : 1;
        // The sockets' own threads need the processor too.
        std::this_thread::yield();
      }
    });
  }

  for (int round = 0; round < sockets / at_a_time; ++round) {
    std::vector<ws_client> clients;
    for (int i = 0; i < at_a_time; ++i) {
      clients.push_back(i % 2 == 0
                            ? ws_client(server.port())
                            : ws_client::offering(server.port(), "/ws", "permessage-deflate"));
    }
    for (auto& each : clients) {
      for (int i = 0; i < messages_for_each; ++i) EXPECT_EQ(each.read_frame().opcode, 1U);
    }
    for (std::size_t i = 0; i < clients.size(); i += 3) {
      // The others vanish.
      clients[i].send({.opcode = 8, .payload = close_payload(1000)});
      while (clients[i].read_frame().opcode != 8) {
      }
    }
  }
  finished = true;
  senders.clear();
  while (group.size() != 0) std::this_thread::yield();
  EXPECT_GT(sent, 0U);
  EXPECT_EQ(server.app().websocket_metrics().opened, std::uint64_t{sockets});
}

}  // namespace
}  // namespace saker::testing
