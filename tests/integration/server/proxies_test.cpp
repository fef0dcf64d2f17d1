// What proxies say of their clients, on real sockets.

#include <gtest/gtest.h>

#include <string>

#include <saker/saker.hpp>

#include "support/h2_client.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"
#include "support/ws_client.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view line = "PROXY TCP4 203.0.113.7 198.51.100.1 56324 443\r\n";
constexpr std::string_view request = "GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

void serve(web_application& app) {
  app.map_get("/who", [](http_context& context) {
    return context.response().send(context.request().remote_endpoint() + " by " +
                                   context.connection().remote_endpoint());
  });
  app.map_websocket("/ws", [](websocket& socket, http_context& context) -> task<void> {
    const auto text = context.request().remote_endpoint();
    auto sending = socket.send(text);
    co_await sending;
    auto closing = socket.close();
    co_await closing;
  });
}

test_server::configuration behind_proxies(proxy_protocol_options options = {}) {
  return [options](web_application& app) {
    app.use_proxy_protocol(options);
    serve(app);
  };
}

std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

TEST(server_addresses, of_both_ends_are_values) {
  const auto serve_addresses = [](web_application& app) {
    app.map_get("/who", [](http_context& context) {
      const auto remote = context.connection().remote_address();
      const auto local = context.connection().local_address();
      return context.response().send(remote.ip + " " + (remote.port != 0 ? "has a port" : "-") +
                                     " " + local.ip + " " + std::to_string(local.port));
    });
  };
  for (const bool is_secure : {false, true}) {
    test_server server = is_secure ? test_server(test_server::secure(), serve_addresses)
                                   : test_server(serve_addresses);
    auto client =
        is_secure ? raw_client::connect_tls(server.port()) : raw_client::connect(server.port());
    client.send_all(request);
    EXPECT_EQ(body_of(client.read_to_eof()),
              "127.0.0.1 has a port 127.0.0.1 " + std::to_string(server.port()));
  }
}

TEST(server_proxy_protocol, tells_the_client_on_each_protocol) {
  test_server server(behind_proxies());
  auto plain = raw_client::connect(server.port());
  plain.send_all(std::string(line) + std::string(request));
  EXPECT_EQ(body_of(plain.read_to_eof()), "203.0.113.7:56324 by 203.0.113.7:56324");

  auto slow = raw_client::connect(server.port());
  for (const char each : std::string(line) + std::string(request)) slow.send_all({&each, 1});
  EXPECT_EQ(body_of(slow.read_to_eof()), "203.0.113.7:56324 by 203.0.113.7:56324");
}

TEST(server_proxy_protocol, stands_in_front_of_tls) {
  test_server server(test_server::secure(), behind_proxies());
  auto client = raw_client::connect_tls(server.port(), {.preamble = std::string(line)});
  client.send_all(request);
  EXPECT_EQ(body_of(client.read_to_eof()), "203.0.113.7:56324 by 203.0.113.7:56324");
}

TEST(server_proxy_protocol, is_demanded_of_known_proxies) {
  test_server server(behind_proxies({.header_timeout = 200ms}));
  for (const auto& bytes : {std::string(request), std::string("PROXY nonsense\r\n"),
                            std::string("\x16\x03\x01\x00\x05hello", 10)}) {
    auto client = raw_client::connect(server.port());
    client.send_all(bytes);
    EXPECT_EQ(client.read_to_eof(), "");
  }
  auto silent = raw_client::connect(server.port());
  EXPECT_EQ(silent.read_to_eof(), "");
  auto stuck = raw_client::connect(server.port());
  stuck.send_all("PROXY TCP4");
  EXPECT_EQ(stuck.read_to_eof(), "");
}

TEST(server_proxy_protocol, is_not_believed_of_others) {
  test_server server(behind_proxies({.known_proxies = {"10.0.0.0/8"}}));
  auto honest = raw_client::connect(server.port());
  honest.send_all(request);
  EXPECT_TRUE(body_of(honest.read_to_eof()).starts_with("127.0.0.1:"));
  auto liar = raw_client::connect(server.port());
  liar.send_all(std::string(line) + std::string(request));
  EXPECT_EQ(liar.read_to_eof().substr(0, 13), "HTTP/1.1 505 ");
}

TEST(server_proxy_protocol, ends_with_the_server) {
  auto server = std::make_unique<test_server>(behind_proxies());
  auto waiting = raw_client::connect(server->port());
  waiting.send_all("PROXY ");
  server->stop();
  EXPECT_EQ(waiting.read_to_eof(), "");
}

TEST(server_proxy_protocol, options_are_checked) {
  web_application app;
  EXPECT_THROW(app.use_proxy_protocol({.known_proxies = {}}), std::invalid_argument);
  EXPECT_THROW(app.use_proxy_protocol({.known_proxies = {"proxy.example"}}), std::invalid_argument);
  EXPECT_THROW(app.use_proxy_protocol({.header_timeout = 0ms}), std::invalid_argument);
}

TEST(server_forwarded_headers, change_what_the_request_says_and_not_the_connection) {
  test_server server([](web_application& app) {
    app.use_forwarded_headers();
    serve(app);
  });
  auto client = raw_client::connect(server.port());
  client.send_all(
      "GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n"
      "Connection: close\r\n\r\n");
  const auto answer = body_of(client.read_to_eof());
  EXPECT_TRUE(answer.starts_with("203.0.113.7:0 by 127.0.0.1:")) << answer;

  ws_client socket(server.port(), "/ws", {}, "X-Forwarded-For: 203.0.113.7\r\n");
  EXPECT_EQ(socket.read_message().payload, "203.0.113.7:0");
}

TEST(server_forwarded_headers, let_a_proxy_keep_its_scheme) {
  test_server direct(serve);
  const auto honest = h2_client::connect(direct.port());
  honest->expect_reset(honest->request(h2::get("/who", "https")), NGHTTP2_PROTOCOL_ERROR);

  test_server behind([](web_application& app) {
    app.use_forwarded_headers();
    app.map_get("/scheme", [](http_context& context) {
      return context.response().send(context.request().scheme());
    });
  });
  const auto proxy = h2_client::connect(behind.port());
  EXPECT_EQ(proxy->finished(proxy->request(h2::get("/scheme", "https"))).data, "http");
  auto fields = h2::get("/scheme", "https");
  fields.emplace_back("x-forwarded-proto", "https");
  EXPECT_EQ(proxy->finished(proxy->request(fields)).data, "https");
  proxy->expect_reset(proxy->request(h2::get("/scheme", "ftp")), NGHTTP2_PROTOCOL_ERROR);
}

TEST(server_remote_endpoint, outlives_the_upgrade) {
  test_server server(serve);
  ws_client socket(server.port());
  EXPECT_TRUE(socket.read_message().payload.starts_with("127.0.0.1:"));
}

}  // namespace
}  // namespace saker::testing
