// Keep-alive, idle sockets, blocked sends: what happens when time passes.

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/ws_client.hpp"
#include "websocket/echo_server.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* no_pong =
    "The WebSocket received no Pong in answer to a Ping within the configured keep_alive_timeout.";

websocket_options pinging(std::chrono::milliseconds interval, std::chrono::milliseconds timeout) {
  websocket_options options;
  options.keep_alive_interval = interval;
  options.keep_alive_timeout = timeout;
  return options;
}

std::string counter(unsigned value) { return std::string(7, '\0') + static_cast<char>(value); }

/// What a receive that the peer's death ends says, and whether the request was aborted.
task<std::string> receive_until_failure(websocket& socket, http_context& context) {
  const auto aborted = context.request_aborted();
  const auto failure = co_await failure_of([&] { return socket.receive_message(); });
  co_return std::string(aborted.stop_requested() ? "aborted: " : "") + failure + " " +
      std::string(to_string(socket.state()));
}

/// To a peer that does not read.
task<std::string> send_until_failure(websocket& socket, http_context&) {
  const std::string block(1'000'000, 'x');
  std::string failure = "nothing";
  while (failure == "nothing") {
    failure = co_await failure_of([&] { return socket.send(block); });
  }
  co_return failure;
}

task<bool> fail_at_last(websocket& socket, http_context& context) {
  co_return !(co_await receive_until_failure(socket, context)).empty();
}

TEST(websocket_keep_alive, sends_unsolicited_pongs) {
  test_server server([](web_application& app) {
    app.use_websockets(pinging(100ms, 0ms));
    configure_echoes(app);
  });
  ws_client client(server.port(), "/messages");
  for (int i = 0; i < 3; ++i) {
    const auto frame = client.read_frame();
    EXPECT_EQ(frame.opcode, 10U);
    EXPECT_EQ(frame.payload, "");
  }
  client.send({.opcode = 1, .payload = "still there"});
  auto frame = client.read_frame();
  while (frame.opcode == 10) frame = client.read_frame();
  EXPECT_EQ(frame.payload, "still there");
}

TEST(websocket_keep_alive, pings_with_a_counter_and_goes_on_after_the_pong) {
  one_handler<std::string> handler(
      [](websocket& socket, http_context&) -> task<std::string> {
        co_return std::string((co_await socket.receive_message()).text());
      },
      pinging(100ms, 10s));
  ws_client client(handler.port());
  for (unsigned i = 1; i <= 3; ++i) {
    const auto ping = client.read_frame();
    EXPECT_EQ(ping.opcode, 9U);
    EXPECT_EQ(ping.payload, counter(i));
    client.send({.opcode = 10, .payload = ping.payload});
  }
  client.send({.opcode = 1, .payload = "alive"});
  client.send({.opcode = 8, .payload = close_payload(1000)});
  EXPECT_EQ(handler.result(), "alive");
}

TEST(websocket_keep_alive, gives_a_silent_peer_up) {
  one_handler<std::string> handler(receive_until_failure, pinging(100ms, 100ms));
  ws_client client(handler.port());
  EXPECT_EQ(client.read_frame().opcode, 9U);
  EXPECT_EQ(handler.result(), std::string("aborted: ") + no_pong + " aborted");
}

TEST(websocket_keep_alive, takes_only_the_matching_pong) {
  one_handler<std::string> handler(receive_until_failure, pinging(100ms, 300ms));
  ws_client client(handler.port());
  EXPECT_EQ(client.read_frame().payload, counter(1));
  for (const auto& wrong : {std::string(), counter(2), counter(0), counter(1) + "x"}) {
    client.send({.opcode = 10, .payload = wrong});
  }
  EXPECT_EQ(handler.result(), std::string("aborted: ") + no_pong + " aborted");
}

TEST(websocket_keep_alive, is_given_per_accept_too) {
  websocket_accept_options accept;
  accept.keep_alive_interval = 100ms;
  accept.keep_alive_timeout = 100ms;
  one_handler<std::string> handler(receive_until_failure, {}, accept);
  ws_client client(handler.port());
  EXPECT_EQ(handler.result(), std::string("aborted: ") + no_pong + " aborted");
}

TEST(websocket_keep_alive, traffic_postpones_pings) {
  test_server server([](web_application& app) {
    app.use_websockets(pinging(1s, 10s));
    configure_echoes(app);
  });
  ws_client client(server.port(), "/messages");
  // Longer than the interval in all, each exchange far from it.
  const auto end = std::chrono::steady_clock::now() + 1500ms;
  while (std::chrono::steady_clock::now() < end) {
    client.send({.opcode = 1, .payload = "busy"});
    ASSERT_EQ(client.read_frame().payload, "busy");
  }
  EXPECT_EQ(client.read_frame().opcode, 9U);
}

TEST(websocket_keep_alive, works_while_the_application_does_not_receive) {
  completion_source<> enough;
  one_handler<std::string> handler(
      [&](websocket& socket, http_context&) -> task<std::string> {
        co_await enough;
        co_return std::string((co_await socket.receive_message()).text());
      },
      pinging(100ms, 10s));
  ws_client client(handler.port());
  client.send({.opcode = 1, .payload = "waiting"});
  for (unsigned i = 1; i <= 5; ++i) {
    EXPECT_EQ(client.read_frame().payload, counter(i));
    client.send({.opcode = 10, .payload = counter(i)});
  }
  enough.set_value();
  EXPECT_EQ(handler.result(), "waiting");
}

TEST(websocket_keep_alive, spares_a_peer_that_the_application_makes_wait) {
  auto options = pinging(100ms, 100ms);
  options.receive_read_ahead = 1;
  completion_source<> enough;
  one_handler<std::string> handler(
      [&](websocket& socket, http_context&) -> task<std::string> {
        co_await enough;
        std::string all((co_await socket.receive_message()).text());
        all += (co_await socket.receive_message()).text();
        co_return all;
      },
      options);
  // In one packet with the handshake: the peer must not seem silent before.
  ws_client client(handler.port(), "/ws", client_frame{.payload = "full"}.bytes());
  // Meanwhile another silent peer is given up, though it was given more time.
  one_handler<bool> timer(fail_at_last, pinging(400ms, 400ms));
  ws_client dead(timer.port());
  EXPECT_TRUE(timer.result());
  client.send({.opcode = 1, .payload = " of it"});
  enough.set_value();
  EXPECT_EQ(handler.result(), "full of it");
}

// In a turn that takes seconds the loop listens to nobody: that is not the peers' silence.
TEST(websocket_keep_alive, does_not_count_a_long_turn_as_silence) {
  auto options = pinging(200ms, 2s);
  options.idle_timeout = 2s;
  one_handler<std::string> handler(
      [](websocket& socket, http_context&) -> task<std::string> {
        co_await socket.send("blocking");
        co_await delay(1ms);
        std::this_thread::sleep_for(3s);
        co_return std::string((co_await socket.receive_message()).text());
      },
      options);
  ws_client client(handler.port());
  EXPECT_EQ(client.read_frame().payload, "blocking");
  // Not before the server listens again: what it reads first must not be what saves the socket.
  const auto ping = client.read_frame();
  EXPECT_EQ(ping.payload, counter(1));
  client.send({.opcode = 10, .payload = ping.payload});
  client.send({.payload = "here"});
  EXPECT_EQ(handler.result(), "here");
}

TEST(websocket_keep_alive, works_behind_a_blocked_write) {
  one_handler<std::string> handler(send_until_failure, pinging(100ms, 300ms));
  ws_client client(handler.port());
  EXPECT_EQ(handler.result(), no_pong);
}

TEST(websocket_send_timeout, ends_a_send_to_a_peer_that_takes_nothing) {
  websocket_options options;
  options.send_timeout = 300ms;
  one_handler<std::string> handler(send_until_failure, options);
  ws_client client(handler.port());
  EXPECT_EQ(handler.result(),
            "The WebSocket's peer took no data within the configured send_timeout.");
}

TEST(websocket_send_timeout, spares_a_peer_that_is_only_slow) {
  websocket_options options;
  options.send_timeout = 1500ms;
  constexpr std::size_t blocks = 40;
  one_handler<bool> handler(
      [](websocket& socket, http_context&) -> task<bool> {
        const std::string block(1'000'000, 'x');
        for (std::size_t i = 0; i < blocks; ++i) co_await socket.send(block);
        co_await socket.close();
        co_return true;
      },
      options);
  ws_client client(handler.port());
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < blocks; ++i) {
    // Longer than the limit in all.
    std::this_thread::sleep_until(begin + i * 50ms);
    EXPECT_EQ(client.read_frame().payload.size(), 1'000'000U);
  }
  client.send({.opcode = 8, .payload = close_payload(1000)});
  EXPECT_TRUE(handler.result());
}

TEST(websocket_idle_timeout, ends_with_1001) {
  websocket_options options;
  options.idle_timeout = 200ms;
  one_handler<std::string> handler(receive_until_failure, options);
  ws_client client(handler.port());
  client.expect_close(1001);
  EXPECT_EQ(handler.result(),
            "aborted: The WebSocket received nothing within the configured idle_timeout. aborted");
}

TEST(websocket_idle_timeout, counts_pings_as_life) {
  websocket_options options;
  options.idle_timeout = 1s;
  one_handler<std::string> handler(receive_until_failure, options);
  ws_client client(handler.port());
  const auto end = std::chrono::steady_clock::now() + 1500ms;
  while (std::chrono::steady_clock::now() < end) {
    client.send({.opcode = 9});
    ASSERT_EQ(client.read_frame().opcode, 10U);
  }
  client.expect_close(1001);
}

TEST(websocket_time_options, are_checked) {
  for (auto member :
       {&websocket_options::keep_alive_interval, &websocket_options::keep_alive_timeout,
        &websocket_options::idle_timeout, &websocket_options::send_timeout}) {
    websocket_options options;
    options.*member = -1ms;
    EXPECT_THROW(options.validate(), std::invalid_argument);
    options.*member = std::chrono::milliseconds::max();
    EXPECT_NO_THROW(options.validate());
  }
}

}  // namespace
}  // namespace saker::testing
