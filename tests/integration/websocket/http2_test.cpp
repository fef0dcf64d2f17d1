// WebSockets on streams of HTTP/2 (RFC 8441): what is different
// from HTTP/1.1. What is alike is in the conformance suite.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>

#include <saker/saker.hpp>

#include "support/ws_client.hpp"
#include "websocket/echo_server.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

struct socket_controller : controller {
  task<void> any() { return response().send(request().method()); }
  static void define(controller_routes<socket_controller>& routes) {
    routes.route("/controller/any", &socket_controller::any)
        .get("/controller/get", &socket_controller::any);
  }
};

void configure(web_application& app) {
  app.use_websockets({.allowed_origins = {"https://good.example"}});
  configure_echoes(app);
  app.map_get("/get", [](http_context& context) { return context.response().send("got"); });
  app.map_controllers<socket_controller>();
  app.map("/teapot", [](http_context& context) {
    context.response().set_status(418);
    return context.response().send("short and stout");
  });
  app.map("/nothing", [](http_context&) -> task<void> { co_return; });
  app.map("/body", [](http_context& context) { return context.response().send("not allowed"); });
}

class websocket_http2 : public ::testing::Test {
 protected:
  std::uint32_t ask(const h2::fields& fields) { return client_->request(fields, false); }
  static h2::fields replaced(h2::fields fields, std::string_view name, std::string value) {
    for (auto& each : fields) {
      if (each.first == name) each.second = std::move(value);
    }
    return fields;
  }
  static h2::fields also(h2::fields fields, std::string name, std::string value) {
    fields.emplace_back(std::move(name), std::move(value));
    return fields;
  }
  void echo(std::uint32_t id, const std::string& text) {
    auto& from = client_->at(id);
    const auto before = from.received;
    client_->send_data(id, client_frame{.opcode = 1, .payload = text}.bytes());
    client_->wait_until([&] { return from.received >= before + 2 + text.size(); });
  }

  test_server server_{configure};
  std::shared_ptr<h2_client> client_ = h2_client::connect(server_.port());
};

TEST_F(websocket_http2, is_accepted_without_the_fields_of_an_upgrade) {
  auto& answer = client_->head(ask(h2::connect("/pieces")));
  EXPECT_EQ(answer.status(), "200");
  for (const auto* const name :
       {"upgrade", "connection", "sec-websocket-accept", "content-length"}) {
    EXPECT_EQ(answer.field(name), "") << name;
  }
  EXPECT_FALSE(answer.ended);
  const ws_client other(server_.port(), "/pieces");
  const auto metrics = server_.app().websocket_metrics();
  EXPECT_EQ(metrics.opened, 2U);
  EXPECT_EQ(metrics.opened_over_http2, 1U);
}

TEST_F(websocket_http2, compares_the_protocol_ignoring_case) {
  EXPECT_EQ(client_->head(ask(replaced(h2::connect("/pieces"), ":protocol", "WebSocket"))).status(),
            "200");
}

TEST_F(websocket_http2, refuses_other_protocols_and_versions) {
  EXPECT_EQ(client_->head(ask(replaced(h2::connect("/pieces"), ":protocol", "webrtc"))).status(),
            "400");
  auto& answer = client_->head(ask(replaced(h2::connect("/pieces"), "sec-websocket-version", "8")));
  EXPECT_EQ(answer.status(), "426");
  EXPECT_EQ(answer.field("sec-websocket-version"), "13");
  EXPECT_EQ(answer.field("upgrade"), "");  // HTTP/2 has none (RFC 9113, section 8.2.2).
  EXPECT_EQ(client_->head(ask(also(h2::get("/pieces"), "upgrade-insecure-requests", "1"))).status(),
            "400");
}

TEST_F(websocket_http2, is_routed_by_its_method) {
  auto& refused = client_->head(ask(h2::connect("/get")));
  EXPECT_EQ(refused.status(), "405");
  EXPECT_EQ(refused.field("allow"), "GET, HEAD");
  EXPECT_EQ(client_->head(ask(h2::connect("/controller/get"))).status(), "405");
  // `route` takes it, and answers with a body that CONNECT must not have.
  EXPECT_EQ(client_->head(ask(h2::connect("/controller/any"))).status(), "500");
  EXPECT_EQ(client_->head(ask(h2::connect("/nowhere"))).status(), "404");
}

TEST_F(websocket_http2, can_be_answered_otherwise) {
  auto& teapot = client_->finished(ask(h2::connect("/teapot")));
  EXPECT_EQ(teapot.status(), "418");
  EXPECT_EQ(teapot.data, "short and stout");
  auto& nothing = client_->finished(ask(h2::connect("/nothing")));
  EXPECT_EQ(nothing.status(), "200");
  EXPECT_TRUE(nothing.ended);
  EXPECT_EQ(client_->finished(ask(h2::connect("/body"))).status(), "500");
}

TEST_F(websocket_http2, checks_origins) {
  EXPECT_EQ(client_->finished(ask(also(h2::connect("/pieces"), "origin", "https://bad.example")))
                .status(),
            "403");
  EXPECT_EQ(
      client_->head(ask(also(h2::connect("/pieces"), "origin", "https://good.example"))).status(),
      "200");
}

TEST_F(websocket_http2, ends_with_end_stream_both_ways) {
  const auto id = ask(h2::connect("/pieces"));
  client_->head(id);
  client_->send_data(id, client_frame{.opcode = 8, .payload = close_payload(1000)}.bytes(), true);
  auto& answer = client_->finished(id);
  EXPECT_TRUE(answer.ended);
  client_->round_trip();
  EXPECT_FALSE(answer.reset) << "both have ended in order";
}

TEST_F(websocket_http2, resets_without_error_a_stream_that_the_client_keeps_open) {
  const auto id = ask(h2::connect("/pieces"));
  client_->head(id);
  client_->send_data(id, client_frame{.opcode = 8, .payload = close_payload(1000)}.bytes());
  EXPECT_TRUE(client_->finished(id).ended);
  // After the five seconds that the other end has for it.
  client_->expect_reset(id, NGHTTP2_NO_ERROR);
}

TEST_F(websocket_http2, survives_the_loss_of_its_neighbours) {
  const auto stays = ask(h2::connect("/messages"));
  client_->head(stays);
  const auto goes = ask(h2::connect("/messages"));
  client_->head(goes);
  echo(goes, "a");
  client_->send({.type = h2::reset, .stream = goes, .payload = h2::number(NGHTTP2_CANCEL)});
  const auto breaks = ask(h2::connect("/messages"));
  client_->head(breaks);
  client_->send_data(breaks, "\xff\xff\xff");
  EXPECT_NE(client_->finished(breaks).data.find(close_payload(1002)), std::string::npos);
  echo(stays, "b");
}

TEST_F(websocket_http2, is_told_of_the_end_of_the_server) {
  const auto id = ask(h2::connect("/messages"));
  client_->head(id);
  const auto stopping = std::async(std::launch::async, [&] { server_.stop(); });
  client_->wait_until(
      [&] { return client_->at_unlocked(id).data == "\x88\x02" + close_payload(1001); });
  client_->send_data(id, client_frame{.opcode = 8, .payload = close_payload(1001)}.bytes(), true);
  client_->wait_until([&] { return client_->is_closed_unlocked(); });
  client_->raw().close();
}

TEST_F(websocket_http2, agrees_to_sub_protocols_and_compression) {
  test_server server([](web_application& app) {
    app.map("/ws", [](http_context& context) -> task<void> {
      auto socket = co_await context.websockets().accept(
          {.sub_protocol = "chat", .dangerous_enable_compression = true});
      co_await socket.send(context.request().protocol());
      co_await socket.close();
    });
    app.use_websockets();
  });
  const auto client = h2_client::connect(server.port());
  auto fields = also(h2::connect("/ws"), "sec-websocket-protocol", "talk, chat");
  fields.emplace_back("sec-websocket-extensions", "permessage-deflate");
  const auto id = client->request(fields, false);
  client->send_data(id, client_frame{.opcode = 8}.bytes(), true);
  auto& answer = client->finished(id);
  EXPECT_EQ(answer.field("sec-websocket-protocol"), "chat");
  EXPECT_EQ(answer.field("sec-websocket-extensions"), "permessage-deflate");
  EXPECT_TRUE(answer.data.starts_with('\xc1')) << "a compressed text";
}

TEST_F(websocket_http2, may_be_accepted_with_any_success) {
  test_server server([](web_application& app) {
    app.use_websockets();
    app.map("/ws/{status}", [](http_context& context) -> task<void> {
      context.response().set_status(
          std::stoi(std::string(context.request().route_value("status"))));
      auto socket = co_await context.websockets().accept();
      co_await socket.send("open");
    });
  });
  const auto client = h2_client::connect(server.port());
  const auto id = client->request(h2::connect("/ws/201"), false);
  client->send_data(id, client_frame{.opcode = 8}.bytes(), true);
  auto& created = client->finished(id);
  EXPECT_EQ(created.status(), "201");
  EXPECT_TRUE(created.data.starts_with("\x81\x04open"));
  EXPECT_EQ(client->finished(client->request(h2::connect("/ws/404"), false)).status(), "500");
}

TEST_F(websocket_http2, counts_among_the_upgraded_connections) {
  test_server server([](web_application& app) {
    app.set_limits({.max_concurrent_upgraded_connections = 1});
    configure_echoes(app);
  });
  const auto client = h2_client::connect(server.port());
  const auto first = client->request(h2::connect("/messages"), false);
  EXPECT_EQ(client->head(first).status(), "200");
  EXPECT_EQ(client->head(client->request(h2::connect("/messages"), false)).status(), "503");
  client->send_data(first, client_frame{.opcode = 8}.bytes(), true);
  client->finished(first);
  EXPECT_EQ(client->head(client->request(h2::connect("/messages"), false)).status(), "200");
}

TEST_F(websocket_http2, reads_nothing_from_a_client_that_has_ended) {
  test_server server([](web_application& app) {
    app.map_websocket("/ws", [](websocket& socket) -> task<void> {
      const auto text =
          co_await failure_of([&]() -> task<void> { co_await socket.receive_message(); });
      EXPECT_NE(text.find("without completing the close handshake"), std::string::npos) << text;
    });
  });
  const auto client = h2_client::connect(server.port());
  // END_STREAM in HEADERS does not keep it from being accepted.
  const auto id = client->request(h2::connect("/ws"), true);
  EXPECT_EQ(client->finished(id).status(), "200");
}

TEST(websocket_http2_pressure, a_handler_that_does_not_receive_stops_its_own_stream_only) {
  auto go_on = std::make_shared<completion_source<>>();
  std::promise<std::size_t> received;
  test_server server([&](web_application& app) {
    configure_echoes(app);
    app.map_websocket("/stalled", [&, go_on](websocket& socket) -> task<void> {
      co_await *go_on;
      std::size_t total = 0;
      for (;;) {
        const auto message = co_await socket.receive_message();
        if (message.is_close()) break;
        total += message.bytes().size();
      }
      received.set_value(total);
    });
  });
  const auto client = h2_client::connect(server.port());
  const auto stalled = client->request(h2::connect("/stalled"), false);
  client->head(stalled);
  const auto lively = client->request(h2::connect("/messages"), false);
  client->head(lively);
  // Fill the stream's window: then the client must wait.
  const std::string message =
      client_frame{.opcode = 2, .payload = std::string(16'000, 'm')}.bytes();
  auto& filled = client->at(stalled);
  std::size_t sent = 0;
  while (filled.window >= static_cast<std::int64_t>(message.size())) {
    client->send_data(stalled, message);
    ++sent;
    client->round_trip();
    ASSERT_LT(sent, 200U) << "the server takes more than the window and its read-ahead";
  }
  EXPECT_GE(sent, 48U);
  // The connection's own window has been given back, so that the neighbour goes on.
  auto& other = client->at(lively);
  for (int i = 0; i < 100; ++i) {
    const auto before = other.received;
    client->send_data(lively,
                      client_frame{.opcode = 2, .payload = std::string(10'000, 'x')}.bytes());
    client->wait_until([&] { return other.received >= before + 10'000; });
  }
  go_on->set_value();
  client->send_data(stalled, client_frame{.opcode = 8}.bytes(), true);
  auto total = received.get_future();
  ASSERT_EQ(total.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(total.get(), sent * 16'000);
}

TEST(websocket_http2_pressure, a_client_that_does_not_read_stops_its_own_stream_only) {
  std::atomic<int> sent = 0;
  test_server server([&](web_application& app) {
    configure_echoes(app);
    app.map_websocket("/talks", [&](websocket& socket) -> task<void> {
      const std::string piece(10'000, 't');
      for (int i = 0; i < 1000; ++i) {
        co_await socket.send(piece);
        ++sent;
      }
      co_await socket.close();
    });
  });
  const auto client = h2_client::connect(server.port());
  client->gives_windows_back = false;
  client->send({.type = h2::window_update, .payload = h2::number(1 << 30)});
  const auto slow = client->request(h2::connect("/talks"), false);
  const auto lively = client->request(h2::connect("/messages"), false);
  auto& unread = client->at(slow);
  client->wait_until([&] { return unread.received == 65'535; });
  auto& other = client->at(lively);
  for (int i = 0; i < 5; ++i) {
    const auto before = other.received;
    client->send_data(lively,
                      client_frame{.opcode = 2, .payload = std::string(10'000, 'x')}.bytes());
    client->wait_until([&] { return other.received >= before + 10'000; });
  }
  EXPECT_EQ(unread.received, 65'535U);
  EXPECT_LT(sent, 20) << "the window, and what may be queued";
  client->send({.type = h2::window_update, .stream = slow, .payload = h2::number(1 << 30)});
  client->wait_until([&] { return unread.received == 1000 * 10'004 + 4; });
  EXPECT_EQ(sent, 1000);
  client->send_data(slow, client_frame{.opcode = 8}.bytes(), true);
  EXPECT_TRUE(client->finished(slow).ended);
}

/// What a busy handler gets of messages behind which everything ends, in one packet.
std::string received_behind(const std::function<void(h2_client&, std::uint32_t)>& end) {
  completion_source<> go_on;
  std::promise<std::string> result;
  test_server server([&](web_application& app) {
    app.map_websocket("/busy", [&](websocket& socket) -> task<void> {
      co_await go_on;
      std::string text;
      try {
        for (;;) {
          const auto message = co_await socket.receive_message();
          if (message.is_close()) break;
          text += message.text();
        }
        text += "|closed";
        co_await socket.close();
      } catch (const websocket_error&) {
        text += "|lost";
      }
      result.set_value(text);
    });
  });
  const auto client = h2_client::connect(server.port());
  const auto id = client->request(h2::connect("/busy"), false);
  EXPECT_EQ(client->head(id).status(), "200");
  end(*client, id);
  // Everything has arrived once another connection is served by the same loop.
  const auto other = h2_client::connect(server.port());
  other->round_trip();
  go_on.set_value();
  auto future = result.get_future();
  EXPECT_EQ(future.wait_for(patience), std::future_status::ready);
  return future.get();
}

std::string numbers_and_close() {
  std::string bytes;
  for (int i = 1; i <= 5; ++i) {
    bytes += client_frame{.opcode = 1, .payload = std::to_string(i)}.bytes();
  }
  return bytes + client_frame{.opcode = 8, .payload = std::string("\x03\xe8", 2)}.bytes();
}

TEST(websocket_http2_ends, messages_come_before_the_end_of_the_stream) {
  // As Chromium does it.
  const auto text = received_behind(
      [](h2_client& client, std::uint32_t id) { client.send_data(id, numbers_and_close(), true); });
  EXPECT_EQ(text, "12345|closed");
}

TEST(websocket_http2_ends, messages_come_before_the_end_of_the_connection) {
  const auto text = received_behind([](h2_client& client, std::uint32_t id) {
    client.send_data(id, numbers_and_close(), true);
    client.raw().half_close();
  });
  EXPECT_TRUE(text.starts_with("12345|")) << text;
}

TEST(websocket_http2_ends, messages_come_before_a_reset) {
  const auto text = received_behind([](h2_client& client, std::uint32_t id) {
    client.send_data(id, client_frame{.opcode = 1, .payload = "first"}.bytes());
    client.send({.type = h2::reset, .stream = id, .payload = h2::number(8)});
  });
  EXPECT_EQ(text, "first|lost");
}

TEST(websocket_http2_pressure, an_abort_resets_the_stream) {
  test_server server([](web_application& app) {
    app.map_websocket("/ws", [](websocket& socket) -> task<void> {
      socket.abort();
      co_return;
    });
  });
  const auto client = h2_client::connect(server.port());
  client->expect_reset(client->request(h2::connect("/ws"), false), NGHTTP2_INTERNAL_ERROR);
  client->round_trip();
}

TEST(websocket_http2_pressure, a_dead_client_is_noticed) {
  test_server server([](web_application& app) {
    app.use_websockets({.keep_alive_interval = std::chrono::milliseconds(200),
                        .keep_alive_timeout = std::chrono::milliseconds(300)});
    configure_echoes(app);
  });
  const auto client = h2_client::connect(server.port());
  const auto id = client->request(h2::connect("/messages"), false);
  // A Ping comes that nobody answers.
  client->expect_reset(id, NGHTTP2_INTERNAL_ERROR);
  EXPECT_TRUE(client->at(id).data.starts_with("\x89"));
}

}  // namespace
}  // namespace saker::testing
