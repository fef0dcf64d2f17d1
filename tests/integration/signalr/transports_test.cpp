// The connections under the hubs: what requests are answered, over each transport.

#include <gtest/gtest.h>

#include <saker/signalr.hpp>

#include <array>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/raw_client.hpp"
#include "support/test_server.hpp"
#include "support/ws_client.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;
using signalr::connection_context;
using signalr::connection_options;
using signalr::transport_type;

/// Sends back what it gets.
task<void> echo(connection_context& connection) {
  std::array<std::byte, 64> buffer;
  for (;;) {
    auto reading = connection.read(buffer);
    const auto count = co_await reading;
    if (count == 0) break;
    auto writing = connection.write(std::span(buffer).first(count));
    co_await writing;
  }
}

struct answer {
  int status = 0;
  std::string head;
  std::string body;
};

answer ask(std::uint16_t port, const std::string& method, const std::string& target,
           const std::string& body = {}, const std::string& fields = {}) {
  auto client = raw_client::connect(port);
  client.send_all(method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields +
                  "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto text = client.read_to_eof();
  const auto end = text.find("\r\n\r\n");
  return {std::stoi(text.substr(9, 3)), text.substr(0, end + 2), text.substr(end + 4)};
}

std::string token_of(const answer& negotiated) {
  return signalr::json::parse(negotiated.body).at("connectionToken").get<std::string>();
}

std::string negotiate(const test_server& server, const std::string& path = "/echo") {
  return token_of(ask(server.port(), "POST", path + "/negotiate?negotiateVersion=1"));
}

class signalr_transports : public ::testing::Test {
 protected:
  explicit signalr_transports(unsigned threads = 3)
      : server(
            [this](web_application& app) {
              app.use([this](http_context& context, next rest) -> task<void> {
                if (context.request().method() == "GET") polls_.release();
                co_await rest();
              });
              app.add(signalr::map_connection("/echo", echo));
            },
            threads) {}

  answer get(const std::string& id, const std::string& fields = {}) {
    return ask(server.port(), "GET", "/echo?id=" + id, {}, fields);
  }
  answer post(const std::string& id, const std::string& body) {
    return ask(server.port(), "POST", "/echo?ID=" + id, body);
  }
  answer end(const std::string& id) { return ask(server.port(), "DELETE", "/echo?id=" + id); }

  std::counting_semaphore<> polls_{0};  ///< That have come.
  test_server server;
};

/// On one loop, so that what comes behind a poll is handled when that waits.
class signalr_polls : public signalr_transports {
 protected:
  signalr_polls() : signalr_transports(1) {}

  /// The first poll, which begins the connection, is answered at once.
  std::string begin() {
    const auto id = negotiate(server);
    get(id);
    EXPECT_TRUE(polls_.try_acquire_for(patience));
    return id;
  }
  raw_client poll(const std::string& id) {
    auto client = raw_client::connect(server.port());
    client.send_all("GET /echo?id=" + id + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(polls_.try_acquire_for(patience));
    return client;
  }
};

void expect(const answer& got, int status, const std::string& body) {
  EXPECT_EQ(got.status, status) << got.head;
  EXPECT_EQ(got.body, body);
}

const std::string event_stream = "Accept: text/html, text/event-stream;q=0.9\r\n";

TEST_F(signalr_transports, negotiation_takes_only_posts) {
  const auto refused = ask(server.port(), "GET", "/echo/negotiate");
  expect(refused, 405, "");
  EXPECT_NE(refused.head.find("\r\nAllow: POST\r\n"), std::string::npos);
  EXPECT_NE(refused.head.find("Content-Type: text/plain\r\n"), std::string::npos);
  const auto given = ask(server.port(), "POST", "/ECHO/Negotiate?NEGOTIATEVERSION=1");
  EXPECT_EQ(given.status, 200);
  EXPECT_NE(given.head.find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(given.head.find("Content-Length: "), std::string::npos);
  const auto body = signalr::json::parse(given.body);
  EXPECT_NE(body.at("connectionId"), body.at("connectionToken"));
  EXPECT_EQ(body.at("availableTransports").size(), 3U);
  expect(ask(server.port(), "POST", "/echo/negotiate?negotiateVersion=x"), 200,
         R"({"error":"The client requested a non-integer protocol version."})");
}

TEST_F(signalr_transports, ids_are_required_and_known) {
  for (const auto* method : {"GET", "POST", "DELETE"}) {
    expect(ask(server.port(), method, "/echo"), 400, "Connection ID required");
    expect(ask(server.port(), method, "/echo?id="), 400, "Connection ID required");
    expect(ask(server.port(), method, "/echo?id=nobody"), 404, "No Connection with that ID");
  }
  expect(ask(server.port(), "GET", "/echo?id=x", {}, event_stream), 404,
         "No Connection with that ID");
  expect(ask(server.port(), "PUT", "/echo?id=x"), 405, "");
  auto client = raw_client::connect(server.port());
  client.send_all(
      "GET /echo?id=x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_TRUE(client.read_until("No Connection with that ID").starts_with("HTTP/1.1 404 "));
}

TEST_F(signalr_transports, the_id_is_not_the_token) {
  const auto given = ask(server.port(), "POST", "/echo/negotiate?negotiateVersion=1");
  const auto id = signalr::json::parse(given.body).at("connectionId").get<std::string>();
  expect(get(id), 404, "No Connection with that ID");
}

TEST_F(signalr_transports, long_polling) {
  const auto id = negotiate(server);
  expect(post(id, "early"), 200, "");  // waits for the connection to begin
  const auto first = get(id);
  expect(first, 200, "");
  for (const auto* field : {"Content-Type: application/octet-stream\r\n", "Content-Length: 0\r\n",
                            "Cache-Control: no-cache, no-store\r\n", "Pragma: no-cache\r\n",
                            "Expires: Thu, 01 Jan 1970 00:00:00 GMT\r\n"}) {
    EXPECT_NE(first.head.find(field), std::string::npos) << field << first.head;
  }
  expect(get(id), 200, "early");
  expect(post(id, "one"), 200, "");
  expect(post(id, "two"), 200, "");
  expect(get(id), 200, "onetwo");
  expect(get(id, event_stream), 400, "Cannot change transports mid-connection");
  expect(end(id), 202, "");
  EXPECT_EQ(get(id).status, 404);
  EXPECT_EQ(post(id, "late").status, 404);
  EXPECT_EQ(end(id).status, 404);
}

TEST_F(signalr_polls, newer_ones_take_the_place_of_one_that_waits) {
  const auto id = begin();
  auto old = poll(id);
  auto next = poll(id);
  EXPECT_TRUE(old.read_to_eof().starts_with("HTTP/1.1 204 "));
  expect(post(id, "for the newer"), 200, "");
  EXPECT_TRUE(next.read_to_eof().ends_with("\r\n\r\nfor the newer"));
}

TEST_F(signalr_polls, whose_client_goes_make_room_for_the_next) {
  const auto id = begin();
  poll(id).reset();
  expect(post(id, "not lost"), 200, "");
  // The lost poll may take it before it is known to be lost, but no later one.
  expect(post(id, "more"), 200, "");
  const auto got = get(id);
  EXPECT_EQ(got.status, 200);
  EXPECT_TRUE(got.body.ends_with("more")) << got.body;
}

TEST_F(signalr_transports, server_sent_events) {
  const auto id = negotiate(server);
  auto events = raw_client::connect(server.port());
  events.send_all("GET /echo?id=" + id + " HTTP/1.1\r\nHost: x\r\n" + event_stream + "\r\n");
  const auto head = events.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 "));
  for (const auto* field :
       {"Content-Type: text/event-stream\r\n", "Cache-Control: no-cache,no-store\r\n",
        "Pragma: no-cache\r\n", "Content-Encoding: identity\r\n"}) {
    EXPECT_NE(head.find(field), std::string::npos) << field << head;
  }
  events.read_until(":\r\n");
  expect(post(id, "hello"), 200, "");
  events.read_until("data: hello\r\n\r\n");
  expect(post(id, "two\r\nlines\n"), 200, "");
  events.read_until("data: two\r\ndata: lines\r\ndata: \r\n\r\n");
  expect(ask(server.port(), "GET", "/echo?id=" + id, {}, event_stream), 409, "");
  expect(get(id), 400, "Cannot change transports mid-connection");
  expect(end(id), 400, "Cannot terminate this connection using the DELETE endpoint.");
  events.reset();
  for (int i = 0; i < 500 && post(id, "gone").status != 404; ++i) {
  }
  EXPECT_EQ(post(id, "gone").status, 404);
}

TEST_F(signalr_transports, websockets) {
  const auto id = negotiate(server);
  ws_client socket(server.port(), "/echo?id=" + id);
  socket.send({.payload = "hello"});
  const auto frame = socket.read_frame();
  EXPECT_EQ(frame.payload, "hello");
  EXPECT_EQ(frame.opcode, 1U);
  const auto refused = post(id, "x");
  expect(refused, 405, "POST requests are not allowed for WebSocket connections.");
  EXPECT_NE(refused.head.find("\r\nAllow: GET, DELETE\r\n"), std::string::npos);
  EXPECT_NE(
      ask(server.port(), "PUT", "/echo?id=" + id).head.find("\r\nAllow: GET, POST, DELETE\r\n"),
      std::string::npos);
  expect(get(id), 400, "Cannot change transports mid-connection");
  expect(end(id), 400, "Cannot terminate this connection using the DELETE endpoint.");
  auto second = raw_client::connect(server.port());
  second.send_all(
      "GET /echo?id=" + id +
      " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_TRUE(second.read_until("\r\n\r\n").starts_with("HTTP/1.1 409 "));
  socket.close();
  for (int i = 0; i < 500 && post(id, "gone").status != 404; ++i) {
  }
  EXPECT_EQ(post(id, "gone").status, 404);
}

TEST_F(signalr_transports, a_handshake_of_another_version_is_no_poll) {
  const auto id = negotiate(server);
  auto client = raw_client::connect(server.port());
  client.send_all(
      "GET /echo?id=" + id +
      " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const auto head = client.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 426 ")) << head;
  EXPECT_NE(head.find("\r\nUpgrade: websocket\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("\r\nSec-WebSocket-Version: 13\r\n"), std::string::npos) << head;
  ws_client socket(server.port(), "/echo?id=" + id);  // The connection is still there to be had.
}

TEST(signalr_endpoint, serves_only_the_transports_that_it_allows) {
  connection_options options;
  options.transports = transport_type::long_polling;
  test_server server(
      [&](web_application& app) { app.add(signalr::map_connection("/echo", echo, options)); });
  const auto id = negotiate(server);
  expect(ask(server.port(), "GET", "/echo?id=" + id, {}, event_stream), 404,
         "ServerSentEvents transport not supported by this end point type");
  EXPECT_EQ(ask(server.port(), "GET", "/echo?id=" + id).status, 200);
}

TEST(signalr_endpoint, lets_a_large_burst_of_events_take_longer_than_a_write_may) {
  constexpr std::size_t size = 24'000'000;
  connection_options options;
  options.transport_send_timeout = 2s;
  test_server server([&](web_application& app) {
    app.add(signalr::map_connection(
        "/burst",
        [](connection_context& connection) -> task<void> {
          const std::vector<std::byte> burst(size, std::byte{'x'});
          auto writing = connection.write(burst);
          co_await writing;
          std::array<std::byte, 1> buffer;
          auto reading = connection.read(buffer);
          co_await reading;
        },
        options));
  });
  const auto id = negotiate(server, "/burst");
  auto events = raw_client::connect_with_small_buffer(server.port());
  events.send_all("GET /burst?id=" + id + " HTTP/1.1\r\nHost: x\r\n" + event_stream + "\r\n");
  events.read_until("data: ");
  // For three times as long as the client may take nothing.
  constexpr std::size_t piece = size / 60;
  for (std::size_t received = 0; received < size; received += piece) {
    ASSERT_EQ(events.read_exactly(piece).size(), piece);
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_EQ(ask(server.port(), "POST", "/burst?id=" + id, "x").status, 200);
}

TEST(signalr_endpoint, answers_an_empty_poll_in_time) {
  connection_options options;
  options.poll_timeout = 1s;
  test_server server(
      [&](web_application& app) { app.add(signalr::map_connection("/echo", echo, options)); });
  const auto id = negotiate(server);
  ask(server.port(), "GET", "/echo?id=" + id);
  const auto empty = ask(server.port(), "GET", "/echo?id=" + id);
  expect(empty, 200, "");
  EXPECT_NE(empty.head.find("Content-Type: text/plain\r\n"), std::string::npos);
}

TEST(signalr_endpoint, drops_connections_that_nobody_begins) {
  connection_options options;
  options.disconnect_timeout = 1s;
  test_server server(
      [&](web_application& app) { app.add(signalr::map_connection("/echo", echo, options)); });
  const auto never_begun = negotiate(server);
  const auto left = negotiate(server);
  EXPECT_EQ(ask(server.port(), "GET", "/echo?id=" + left).status, 200);
  for (const auto& id : {never_begun, left}) {
    // A POST does not keep it.
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (ask(server.port(), "POST", "/echo?id=" + id).status != 404) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
    }
  }
}

TEST(signalr_endpoint, lets_in_whom_its_policies_allow) {
  const auto as = [](const char* name) { return "X-User: " + std::string(name) + "\r\n"; };
  test_server server([](web_application& app) {
    app.use([](http_context& context, next next) {
      const std::string name(context.request().headers().get("X-User"));
      if (!name.empty()) context.set_user(claims_principal({{"sub", name}, {"role", name}}));
      return next();
    });
    connection_options options;
    options.authorization = {require_role({"keeper"})};
    app.add(signalr::map_connection("/echo", echo, options));
  });
  for (const auto* target : {"/echo/negotiate", "/echo"}) {
    expect(ask(server.port(), "POST", target), 401, "");
    expect(ask(server.port(), "POST", target, {}, as("visitor")), 403, "");
  }
  EXPECT_EQ(ask(server.port(), "POST", "/echo/negotiate", {}, as("keeper")).status, 200);
}

TEST(signalr_endpoint, counts_its_connections) {
  test_server server([](web_application& app) { app.add(signalr::map_connection("/echo", echo)); },
                     2);
  const auto until = [&](auto holds) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!holds(signalr::metrics(server.app())) && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    return holds(signalr::metrics(server.app()));
  };
  const auto id = negotiate(server);
  EXPECT_EQ(signalr::metrics(server.app()).long_polling.begun, 0U);
  EXPECT_EQ(ask(server.port(), "GET", "/echo?id=" + id).status, 200);
  {
    ws_client socket(server.port(), "/echo");
    EXPECT_TRUE(until([](const auto& all) {
      return all.websockets.active == 1 && all.long_polling.active == 1;
    }));
    socket.close();
  }
  ask(server.port(), "DELETE", "/echo?id=" + id);
  EXPECT_TRUE(until([](const auto& all) {
    return all.websockets.active == 0 && all.long_polling.active == 0 &&
           all.websockets.begun == 1 && all.websockets.ended[0] == 1 &&
           all.long_polling.ended[0] == 1 && all.long_polling.duration.count() > 0;
  }));
}

TEST(signalr_endpoint, chooses_a_sub_protocol) {
  test_server server([](web_application& app) {
    connection_options options;
    options.sub_protocol_selector = [](const std::vector<std::string_view>& offered) {
      return std::string(offered.back());
    };
    app.add(signalr::map_connection("/echo", echo, options));
  });
  auto client = raw_client::connect(server.port());
  client.send_all(
      "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Protocol: one, two\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_NE(client.read_until("\r\n\r\n").find("Sec-WebSocket-Protocol: two\r\n"),
            std::string::npos);
}

TEST(signalr_endpoint, a_handler_ends_its_connection) {
  test_server server([](web_application& app) {
    connection_options options;
    options.websocket_close_timeout = 100ms;  // these clients do not answer a Close
    app.add(signalr::map_connection(
        "/bye",
        [](connection_context& connection) -> task<void> {
          auto writing = connection.write("bye");
          co_await writing;
        },
        options));
    app.add(signalr::map_connection(
        "/fail",
        [](connection_context&) -> task<void> {
          throw std::runtime_error("broken");
          co_return;
        },
        options));
  });
  ws_client bye(server.port(), "/bye");
  EXPECT_EQ(bye.read_frame().payload, "bye");
  bye.expect_close(1000);
  ws_client failing(server.port(), "/fail");
  failing.expect_close(1011);
  const auto id = negotiate(server, "/bye");
  EXPECT_EQ(ask(server.port(), "GET", "/bye?id=" + id).status, 200);
  expect(ask(server.port(), "GET", "/bye?id=" + id), 200, "bye");
  EXPECT_EQ(ask(server.port(), "GET", "/bye?id=" + id).status, 204);
  EXPECT_EQ(ask(server.port(), "GET", "/bye?id=" + id).status, 404);
}

}  // namespace
}  // namespace saker::testing
