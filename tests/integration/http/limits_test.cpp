// What a server grants to clients: connections, and patience with slow readers.

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <semaphore>
#include <string>
#include <system_error>
#include <thread>

#include "support/test_server.hpp"
#include "support/ws_client.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

void configure(web_application& app, const http_limits& limits) {
  app.set_limits(limits);
  app.map_get("/", [](http_context& context) { return context.response().send("hello"); });
  app.map_websocket("/ws", [](websocket& socket) { return receive_until_close(socket); });
}

bool is_served(raw_client& client) {
  return client.try_send_all(get) && client.read_some().starts_with("HTTP/1.1 200 ");
}

/// An answer with its body, whose length the head says.
std::string read_answer(raw_client& client) {
  auto answer = client.read_until("\r\n\r\n");
  constexpr std::string_view name = "Content-Length: ";
  const auto at = answer.find(name);
  if (at == std::string::npos) return answer;
  return answer + client.read_exactly(std::stoul(answer.substr(at + name.size())));
}

/// A client that the server serves, as soon as it serves one more.
raw_client wait_until_served(std::uint16_t port) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto client = raw_client::connect(port);
    if (is_served(client)) return client;
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("Never served.");
    std::this_thread::yield();
  }
}

TEST(http_connection_limit, closes_what_is_too_much_without_an_answer) {
  http_limits limits;
  limits.max_concurrent_connections = 2;
  test_server server([&](web_application& app) { configure(app, limits); }, 2);
  auto first = raw_client::connect(server.port());
  auto second = raw_client::connect(server.port());
  EXPECT_TRUE(is_served(first));
  EXPECT_TRUE(is_served(second));
  auto third = raw_client::connect(server.port());
  EXPECT_EQ(third.read_to_eof(), "");
  EXPECT_TRUE(is_served(first));
  second.close();
  auto fourth = wait_until_served(server.port());
  EXPECT_EQ(raw_client::connect(server.port()).read_to_eof(), "");
}

TEST(http_connection_limit, does_not_count_upgraded_connections) {
  http_limits limits;
  limits.max_concurrent_connections = 1;
  test_server server([&](web_application& app) { configure(app, limits); });
  std::vector<ws_client> sockets;
  for (int i = 0; i < 5; ++i) sockets.emplace_back(server.port());
  auto client = raw_client::connect(server.port());
  EXPECT_TRUE(is_served(client));
  EXPECT_EQ(raw_client::connect(server.port()).read_to_eof(), "");
}

TEST(http_head_limit, may_be_larger_than_the_buffer_that_connections_share) {
  http_limits limits;
  limits.max_request_headers_total_size = 700 * 1024;
  test_server server([&](web_application& app) { configure(app, limits); });
  auto client = raw_client::connect(server.port());
  const std::string value(600 * 1024, 'x');
  client.send_all("GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + value + "\r\n\r\n");
  EXPECT_TRUE(client.read_until("hello").starts_with("HTTP/1.1 200 "));
  client.send_all("GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + value + value);
  EXPECT_TRUE(client.read_to_eof().starts_with("HTTP/1.1 431 "));
}

TEST(http_upgraded_connection_limit, answers_503) {
  http_limits limits;
  limits.max_concurrent_upgraded_connections = 2;
  test_server server([&](web_application& app) { configure(app, limits); }, 2);
  ws_client first(server.port());
  ws_client second(server.port());
  auto third = raw_client::connect(server.port());
  third.send_all(handshake_request("/ws"));
  EXPECT_TRUE(read_answer(third).starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(is_served(third)) << "the connection goes on";
  first.close();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (std::string answer; !answer.starts_with("HTTP/1.1 101 ");) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    auto again = raw_client::connect(server.port());
    again.send_all(handshake_request("/ws"));
    answer = again.read_until("\r\n\r\n");
  }
  second.close();
}

TEST(http_upgraded_connection_limit, may_be_caught) {
  http_limits limits;
  limits.max_concurrent_upgraded_connections = 0;
  test_server server([&](web_application& app) {
    app.set_limits(limits);
    app.use_websockets();
    app.map("/ws", [](http_context& context) -> task<void> {
      std::string failure;
      try {
        auto socket = co_await context.websockets().accept();
      } catch (const http_error& error) {
        failure = error.what();
      }
      co_await context.response().send(failure);
    });
  });
  auto client = raw_client::connect(server.port());
  client.send_all(handshake_request("/ws"));
  EXPECT_NE(client.read_until("number of upgraded connections.").find(" 200 "), std::string::npos);
}

/// A response of 50 MB, and how its handler has ended.
class large_response {
 public:
  explicit large_response(const http_limits& limits)
      : server_([&](web_application& app) {
          app.set_limits(limits);
          app.map_get("/", [this](http_context& context) { return write(context); });
        }) {}

  std::uint16_t port() const { return server_.port(); }
  std::string result() {
    if (future_.wait_for(patience) != std::future_status::ready) return "still writing";
    return future_.get();
  }
  std::atomic<int> written = 0;  ///< Megabytes.

 private:
  task<void> write(http_context& context) {
    const std::string block(1'000'000, 'x');
    try {
      for (; written < 50; ++written) co_await context.response().write(block);
      promise_.set_value("written");
    } catch (const std::system_error& error) {
      const bool slow = error.code() == std::errc::timed_out;
      EXPECT_EQ(slow, std::string_view(error.what()).find("min_response_data_rate") !=
                          std::string_view::npos)
          << error.what();
      promise_.set_value(slow ? "timed out" : error.what());
    }
  }

  std::promise<std::string> promise_;
  std::future<std::string> future_ = promise_.get_future();
  test_server server_;
};

TEST(http_response_rate, ends_the_connection_of_a_client_that_takes_too_little) {
  http_limits limits;
  limits.min_data_rate_grace_period = 1'001ms;
  large_response response(limits);
  auto client = raw_client::connect_with_small_buffer(response.port());
  client.send_all(get);
  EXPECT_EQ(response.result(), "timed out");
  client.read_to_eof();
  EXPECT_TRUE(client.was_reset());
}

TEST(http_response_rate, can_be_turned_off) {
  http_limits limits;
  limits.min_data_rate_grace_period = 1'001ms;
  limits.min_response_data_rate = 0;
  large_response slow(limits);
  auto patient = raw_client::connect_with_small_buffer(slow.port());
  patient.send_all(get);
  limits.min_response_data_rate = 240;
  large_response other(limits);
  auto hasty = raw_client::connect_with_small_buffer(other.port());
  hasty.send_all(get);
  // By then the first one has waited as long.
  EXPECT_EQ(other.result(), "timed out");
  EXPECT_GT(patient.read_exactly(50'000'000).size(), 0U);
  EXPECT_EQ(slow.result(), "written");
}

// The system takes megabytes for a client that reads nothing; so little is asked for that they
// would last for hours.

constexpr std::size_t more_than_the_client_takes = 20'000;

TEST(http_response_rate, counts_what_only_the_system_has_taken) {
  http_limits limits;
  limits.min_data_rate_grace_period = 1'001ms;
  std::promise<std::error_code> failed;
  test_server server([&](web_application& app) {
    app.set_limits(limits);
    app.map_get("/", [&](http_context& context) -> task<void> {
      const std::string first(more_than_the_client_takes, 'x');
      try {
        co_await context.response().write(first);
        for (;;) {
          co_await delay(50ms);
          co_await context.response().write("x");
        }
      } catch (const std::system_error& error) {
        failed.set_value(error.code());
      }
    });
  });
  auto client = raw_client::connect_with_small_buffer(server.port());
  client.send_all(get);
  auto failure = failed.get_future();
  ASSERT_EQ(failure.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(failure.get(), std::errc::timed_out);
}

TEST(http_response_rate, counts_it_when_request_follows_request) {
  http_limits limits;
  limits.min_data_rate_grace_period = 1'001ms;
  test_server server([&](web_application& app) {
    app.set_limits(limits);
    app.map_get("/large", [](http_context& context) {
      return context.response().send(std::string(more_than_the_client_takes, 'x'));
    });
    app.map_get("/", [](http_context& context) -> task<void> {
      co_await delay(20ms);
      co_await context.response().send("x");
    });
  });
  auto client = raw_client::connect_with_small_buffer(server.port());
  client.send_all("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (client.try_send_all(get)) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
}

TEST(http_response_buffer, of_0_waits_for_every_write) {
  http_limits limits;
  limits.max_response_buffer_size = 0;
  large_response response(limits);
  auto client = raw_client::connect(response.port());
  client.send_all(get);
  client.read_exactly(50'000'000);
  EXPECT_EQ(response.result(), "written");
}

TEST(http_response_buffer, without_a_limit_takes_everything_at_once) {
  http_limits limits;
  limits.max_response_buffer_size.reset();
  large_response response(limits);
  auto client = raw_client::connect_with_small_buffer(response.port());
  client.send_all(get);
  EXPECT_EQ(response.result(), "written");
  client.read_exactly(50'000'000);
}

TEST(http_limits, may_be_without_end) {
  http_limits limits;
  limits.keep_alive_timeout = std::chrono::milliseconds::max();
  limits.request_headers_timeout = std::chrono::milliseconds::max();
  test_server server([&](web_application& app) { configure(app, limits); });
  auto client = raw_client::connect(server.port());
  EXPECT_TRUE(is_served(client));
  limits.max_concurrent_connections = 0;
  EXPECT_THROW(limits.validate(), std::invalid_argument);
}

}  // namespace
}  // namespace saker::testing
