#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/ws_client.hpp"
#include "websocket/echo_server.hpp"

namespace saker::testing {
namespace {

struct handshake_case {
  std::string request_line;
  std::vector<std::string> fields;
  int status;
};

const std::string line = "GET /pieces HTTP/1.1";
const std::string upgrade = "Upgrade: websocket";
const std::string connection = "Connection: Upgrade";
const std::string version = "Sec-WebSocket-Version: 13";
const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

class websocket_handshake : public ::testing::TestWithParam<handshake_case> {};

TEST_P(websocket_handshake, gets_its_answer) {
  const test_server server(configure_echoes);
  auto client = raw_client::connect(server.port());
  std::string request = GetParam().request_line + "\r\nHost: a\r\n";
  for (const auto& field : GetParam().fields) request += field + "\r\n";
  client.send_all(request + "\r\n");
  const auto answer = client.read_until("\r\n\r\n");
  EXPECT_EQ(answer.substr(9, 3), std::to_string(GetParam().status)) << request;
  EXPECT_EQ(answer.find("Sec-WebSocket-Version: 13") != std::string::npos,
            GetParam().status == 426);
  // RFC 9110, section 15.5.22: it must say what to upgrade to.
  const bool upgrades = GetParam().status == 426 || GetParam().status == 101;
  EXPECT_EQ(answer.find("\r\nUpgrade: websocket\r\n") != std::string::npos, upgrades) << answer;
  EXPECT_EQ(answer.find("\r\nConnection: Upgrade\r\n") != std::string::npos, upgrades) << answer;
}

INSTANTIATE_TEST_SUITE_P(
    table, websocket_handshake,
    ::testing::Values(
        handshake_case{line, {upgrade, connection, version, key}, 101},
        handshake_case{
            line,
            {"upgrade: WebSocket, example", "connection: keep-alive, upgrade", version, key},
            101},
        handshake_case{line, {upgrade, connection, "Sec-WebSocket-Version: 8, 13", key}, 101},
        handshake_case{line, {upgrade, connection, version, key, "Content-Length: 0"}, 101},
        handshake_case{line, {upgrade, connection, "Sec-WebSocket-Version: 8", key}, 426},
        handshake_case{line, {upgrade, connection, key}, 426},
        handshake_case{line, {connection, version, key}, 400},
        handshake_case{line, {upgrade, version, key}, 400},
        handshake_case{line, {upgrade, connection, version}, 400},
        handshake_case{line, {upgrade, connection, version, key, key}, 400},
        handshake_case{
            line,
            {upgrade, connection, version, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ==="},
            400},
        handshake_case{
            line,
            {upgrade, connection, version, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA="},
            400},
        handshake_case{line, {upgrade, connection, version, "Sec-WebSocket-Key:"}, 400},
        handshake_case{
            line,
            {upgrade, connection, version, "Sec-WebSocket-Key: ????????????????????????"},
            400},
        handshake_case{
            "POST /pieces HTTP/1.1", {upgrade, connection, version, key, "Content-Length: 0"}, 400},
        handshake_case{"GET /pieces HTTP/1.0", {upgrade, connection, version, key}, 400},
        handshake_case{line, {}, 400},
        handshake_case{"GET /elsewhere HTTP/1.1", {upgrade, connection, version, key}, 404}));

test_server::configuration with_protocol(std::string chosen) {
  return [chosen](web_application& app) {
    app.use_websockets();
    app.map("/ws", [chosen](http_context& context) -> task<void> {
      auto socket = co_await context.websockets().accept(chosen);
      co_await socket.send(socket.sub_protocol());
    });
  };
}

TEST(websocket_sub_protocol, is_answered_when_it_was_offered) {
  const test_server server(with_protocol("Bravo"));
  auto client = raw_client::connect(server.port());
  client.send_all(handshake_request("/ws", "Sec-WebSocket-Protocol: alpha, bravo, charlie\r\n"));
  const auto answer = client.read_until("\r\n\r\n");
  EXPECT_NE(answer.find("Sec-WebSocket-Protocol: Bravo\r\n"), std::string::npos) << answer;
  EXPECT_EQ(client.read_exactly(7),
            "\x81\x05"
            "Bravo");
}

TEST(websocket_sub_protocol, is_refused_when_it_was_not) {
  for (const std::string chosen : {"delta", "al pha", "alpha,"}) {
    const test_server server(with_protocol(chosen));
    auto client = raw_client::connect(server.port());
    client.send_all(handshake_request("/ws", "Sec-WebSocket-Protocol: alpha\r\n"));
    EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 500 ")) << chosen;
  }
}

TEST(websocket_handshake, of_another_version_is_answered_by_accept_as_well) {
  const test_server server(with_protocol(""));
  auto client = raw_client::connect(server.port());
  client.send_all(
      "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n"
      "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const auto answer = client.read_to_eof();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 426 ")) << answer;
  EXPECT_NE(answer.find("\r\nUpgrade: websocket\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\r\nConnection: Upgrade\r\n"), std::string::npos) << answer;
  // The field that belongs to Upgrade does not hide that the connection ends.
  EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos) << answer;
}

test_server::configuration mapped_with_protocol(std::string chosen) {
  return [chosen](web_application& app) {
    app.map_websocket(
        "/ws", [](websocket& socket) -> task<void> { co_await socket.send(socket.sub_protocol()); },
        {.sub_protocol = chosen});
  };
}

TEST(websocket_route, refuses_a_handshake_without_its_sub_protocol) {
  const test_server server(mapped_with_protocol("chat"));
  for (const std::string field : {"", "Sec-WebSocket-Protocol: char, cha\r\n"}) {
    auto client = raw_client::connect(server.port());
    client.send_all(handshake_request("/ws", field));
    EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 400 ")) << field;
  }
  auto client = raw_client::connect(server.port());
  client.send_all(handshake_request("/ws", "Sec-WebSocket-Protocol: other, chat\r\n"));
  const auto answer = client.read_until("\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
  EXPECT_NE(answer.find("Sec-WebSocket-Protocol: chat\r\n"), std::string::npos) << answer;
}

TEST(websocket_route, refuses_a_sub_protocol_that_is_no_token) {
  EXPECT_THROW(test_server{mapped_with_protocol("al pha")}, std::invalid_argument);
}

TEST(websocket_manager, needs_use_websockets) {
  const test_server server([](web_application& app) {
    app.set_detailed_errors(true);
    app.map("/ws", [](http_context& context) -> task<void> {
      EXPECT_FALSE(context.websockets().is_websocket_request());
      auto socket = co_await context.websockets().accept();
    });
  });
  auto client = raw_client::connect(server.port());
  client.send_all(handshake_request("/ws", "Accept: text/plain\r\n"));
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 500 "));
  client.read_until("\n");
  EXPECT_EQ(client.read_until("\n"), "use_websockets was not called.\n");
}

TEST(websocket_origins, are_checked_for_websocket_requests) {
  struct row {
    std::vector<std::string> allowed;
    const char* origin;
    const char* status;
  };
  const std::string example = "http://example.com";
  const row rows[] = {
      {{}, "http://example.com", "101"},
      {{""}, "http://example.com", "403"},
      {{"http://e.com"}, "http://example.com", "403"},
      {{"http://e.com", example}, "http://example.com", "101"},
      {{"*"}, "http://example.com", "101"},
      {{"http://e.com", "*"}, "http://example.com", "101"},
      {{"http://ExAmPLE.cOm"}, "http://example.com", "101"},
      {{"http://*.example.com"}, "http://app.example.com", "101"},
      {{"http://*.example.com"}, "http://example.com", "403"},
      {{example}, nullptr, "101"},
      {{example}, "", "101"},
      {{example}, "null", "403"},
  };
  for (const auto& each : rows) {
    test_server server([&](web_application& app) {
      websocket_options options;
      options.allowed_origins = each.allowed;
      app.use_websockets(options);
      configure_echoes(app);
    });
    const auto field = each.origin ? "Origin: " + std::string(each.origin) + "\r\n" : "";
    auto client = raw_client::connect(server.port());
    client.send_all(handshake_request("/messages", field));
    const auto head = client.read_until("\r\n\r\n");
    EXPECT_TRUE(head.starts_with(std::string("HTTP/1.1 ") + each.status)) << field << head;
    if (each.status == std::string("403")) {
      EXPECT_NE(head.find("Content-Length: 0\r\n"), std::string::npos) << head;
    }
  }
}

TEST(websocket_origins, are_not_checked_for_other_requests) {
  test_server server([&](web_application& app) {
    websocket_options options;
    options.allowed_origins = {"http://e.com"};
    app.use_websockets(options);
    app.map_get("/", [](http_context& context) { return context.response().send("hello"); });
  });
  auto client = raw_client::connect(server.port());
  client.send_all("GET / HTTP/1.1\r\nHost: a\r\nOrigin: http://example.com\r\n\r\n");
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace saker::testing
