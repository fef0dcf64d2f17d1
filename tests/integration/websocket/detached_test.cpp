// A handler that takes its socket alone: the request goes while the socket lives.

#include <gtest/gtest.h>

#include <any>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include <saker/saker.hpp>

#include "support/ws_client.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

/// Says for each message whether the items of the request are still there; "fail" fails.
task<void> tell(websocket& socket, const std::weak_ptr<int>& item) {
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
    if (message.text() == "fail") throw std::runtime_error("as asked");
    const std::string_view answer = item.expired() ? "gone" : "there";
    co_await socket.send(answer);
  }
}

task<void> await(next rest) { co_await rest(); }

class websocket_detached : public ::testing::TestWithParam<carrier> {
 protected:
  void configure(web_application& app) {
    app.use([](http_context& context, next rest) {
      return context.request().path() == "/awaited" ? await(rest) : rest();
    });
    app.use([this](http_context& context, next rest) {
      auto item = std::make_shared<int>();
      item_ = item;
      context.items()["item"] = std::move(item);
      return rest();
    });
    const auto alone = [this](websocket& socket) { return tell(socket, item_); };
    app.use([this](http_context& context, next rest) {
      if (context.request().path() == "/watched") aborted_ = context.request_aborted();
      return rest();
    });
    app.map_websocket("/alone", alone);
    app.map_websocket("/watched", alone);
    app.map_websocket("/guarded", [](websocket& socket) -> task<void> {
      struct aborting {
        websocket& socket;
        explicit aborting(websocket& of) : socket(of) {}
        aborting(const aborting&) = delete;
        aborting& operator=(const aborting&) = delete;
        ~aborting() { socket.abort(); }
      };
      const aborting at_the_end(socket);
      co_await socket.send("waiting");
      co_await delay(1h);
    });
    app.map_websocket("/awaited", alone);
    app.map_websocket("/value",
                      [this](websocket socket) -> task<void> { co_await tell(socket, item_); });
    app.map_websocket("/context",
                      [this](websocket& socket, http_context&) { return tell(socket, item_); });
    app.map_websocket("/brief", [](const websocket&) -> task<void> { co_return; });
  }

  static std::unique_ptr<test_server> make_server(const test_server::configuration& configure) {
    if (!has_tls(GetParam())) return std::make_unique<test_server>(configure);
    return std::make_unique<test_server>(test_server::secure{}, configure);
  }
  ws_client connect(std::string_view path) {
    return ws_client::over(GetParam(), server_->port(), path);
  }
  static std::string answer_of(ws_client& client) {
    client.send({.payload = "?"});
    return client.read_frame().payload;
  }

  std::weak_ptr<int> item_;  ///< Of the last request.
  std::stop_token aborted_;
  std::unique_ptr<test_server> server_ =
      make_server([this](web_application& app) { configure(app); });
};

TEST_P(websocket_detached, the_request_goes_where_nobody_wants_it) {
  for (const auto* const path : {"/alone", "/value"}) {
    auto client = connect(path);
    EXPECT_EQ(answer_of(client), "gone") << path;
    client.close();
  }
}

TEST_P(websocket_detached, the_request_stays_for_who_takes_it_or_awaits_the_handler) {
  for (const auto* const path : {"/context", "/awaited", "/watched"}) {
    auto client = connect(path);
    EXPECT_EQ(answer_of(client), "there") << path;
    client.close();
  }
}

TEST_P(websocket_detached, who_asked_for_request_aborted_is_told) {
  {
    auto client = connect("/watched");
    EXPECT_EQ(answer_of(client), "there");
  }
  server_->stop();
  EXPECT_TRUE(aborted_.stop_requested());
}

TEST_P(websocket_detached, a_stop_may_cut_off_a_handler_whose_locals_end_the_socket) {
  server_->app().set_shutdown_timeout(100ms);
  std::vector<ws_client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(connect("/guarded"));
    EXPECT_EQ(clients.back().read_frame().payload, "waiting");
  }
  server_->stop();
  EXPECT_EQ(server_->app().websocket_metrics().open, 0U);
}

TEST_P(websocket_detached, a_handler_that_ends_at_once_closes) {
  auto client = connect("/brief");
  client.expect_close(1000);
}

TEST_P(websocket_detached, a_handler_that_fails_closes_with_1011) {
  auto client = connect("/alone");
  EXPECT_EQ(answer_of(client), "gone");
  client.send({.payload = "fail"});
  client.expect_close(1011);
}

TEST_P(websocket_detached, a_stop_closes_with_1001) {
  auto client = connect("/alone");
  EXPECT_EQ(answer_of(client), "gone");
  server_->app().stop();
  EXPECT_EQ(client.read_frame().payload, close_payload(1001));
  client.send({.opcode = 8, .payload = close_payload(1001)});
  server_->stop();
}

TEST_P(websocket_detached, a_peer_that_vanishes_ends_the_handler) {
  {
    auto client = connect("/alone");
    EXPECT_EQ(answer_of(client), "gone");
  }
  server_->stop();
  EXPECT_EQ(server_->app().websocket_metrics().open, 0U);
}

INSTANTIATE_TEST_SUITE_P(all, websocket_detached, ::testing::ValuesIn(every_carrier),
                         [](const auto& each) { return to_string(each.param); });

TEST(websocket_detached_log, names_the_request_whose_handler_has_failed) {
  ::testing::internal::CaptureStdout();
  {
    test_server server([](web_application& app) {
      app.set_log_level("error");
      app.map_websocket("/rooms/{room}", [](const websocket&) -> task<void> {
        throw std::runtime_error("as asked");
        co_return;
      });
    });
    ws_client client(server.port(), "/rooms/12");
    client.expect_close(1011);
  }
  const auto log = ::testing::internal::GetCapturedStdout();
  EXPECT_NE(log.find("The handler of GET /rooms/12 failed: "), std::string::npos) << log;
  EXPECT_NE(log.find("as asked"), std::string::npos) << log;
}

}  // namespace
}  // namespace saker::testing
