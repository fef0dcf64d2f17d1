#include <gtest/gtest.h>

#include <string>

#include "support/ws_client.hpp"
#include "support/zlib_peer.hpp"
#include "websocket/echo_server.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

TEST(websocket_metrics, count_sockets_frames_and_bytes) {
  test_server server(configure_echoes, 2);
  const auto metrics = [&] { return server.app().websocket_metrics(); };
  EXPECT_EQ(metrics().opened, 0U);
  {
    ws_client client(server.port(), "/messages");
    client.send({.opcode = 1, .payload = "hello"});
    EXPECT_EQ(client.read_frame().payload, "hello");
    client.send({.opcode = 9, .payload = "x"});
    EXPECT_EQ(client.read_frame().opcode, 10U);
    const auto now = metrics();
    EXPECT_EQ(now.opened, 1U);
    EXPECT_EQ(now.open, 1U);
    EXPECT_EQ(now.frames_received, 2U);
    EXPECT_EQ(now.frames_sent, 2U);
    EXPECT_EQ(now.bytes_received, 6U + 5U + 6U + 1U);
    EXPECT_EQ(now.bytes_sent, 2U + 5U + 2U + 1U);
    client.close();
  }
  const auto now = metrics();
  EXPECT_EQ(now.open, 0U);
  EXPECT_EQ(now.closed(1005), 1U);
}

TEST(websocket_metrics, count_ends_by_the_first_close) {
  test_server server(configure_echoes);
  const auto end_with = [&](unsigned code) {
    ws_client client(server.port(), "/messages");
    client.send({.opcode = 8, .payload = close_payload(code)});
    client.expect_close(code);
  };
  for (const unsigned code : {1000U, 1001U, 1014U, 3000U, 3999U, 4000U, 4999U}) end_with(code);
  {
    ws_client bad(server.port(), "/messages");
    bad.send({.opcode = 3});
    bad.expect_close(1002);
    ws_client vanishes(server.port(), "/messages");
  }
  while (server.app().websocket_metrics().open != 0) std::this_thread::yield();
  const auto now = server.app().websocket_metrics();
  for (const unsigned code : {1000U, 1001U, 1002U, 1006U, 1014U}) EXPECT_EQ(now.closed(code), 1U);
  EXPECT_EQ(now.closed_by_registered_code, 2U);
  EXPECT_EQ(now.closed_by_private_code, 2U);
  EXPECT_EQ(now.opened, 9U);
}

TEST(websocket_metrics, count_compressed_bytes) {
  test_server server([](web_application& app) {
    app.map_websocket("/ws", echo_messages, {.dangerous_enable_compression = true});
  });
  auto client = ws_client::offering(server.port(), "/ws", "permessage-deflate");
  const auto payload = zlib_peer().deflate(json_text(5000));
  client.send({.opcode = 1, .payload = payload, .reserved = 4});
  const auto echo = client.read_frame();
  const auto now = server.app().websocket_metrics();
  EXPECT_EQ(now.compressed_bytes_received, payload.size());
  EXPECT_EQ(now.inflated_bytes_received, 5000U);
  EXPECT_EQ(now.compressed_bytes_sent, echo.payload.size());
  EXPECT_EQ(now.uncompressed_bytes_sent, 5000U);
}

TEST(websocket_metrics, count_pings_and_time_outs) {
  test_server server([](web_application& app) {
    websocket_options options;
    options.keep_alive_interval = 100ms;
    options.keep_alive_timeout = 100ms;
    options.close_timeout = 100ms;
    app.use_websockets(options);
    app.map_websocket("/ws", echo_messages);
    app.map_websocket("/close", [](websocket& socket) { return socket.close(); });
    app.map_websocket("/idle", echo_messages, {.keep_alive_interval = 0ms, .idle_timeout = 100ms});
  });
  ws_client silent(server.port());
  EXPECT_EQ(silent.read_frame().opcode, 9U);
  ws_client closed(server.port(), "/close");
  ws_client idle(server.port(), "/idle");
  idle.expect_close(1001);
  while (server.app().websocket_metrics().open != 0) std::this_thread::yield();
  const auto now = server.app().websocket_metrics();
  EXPECT_EQ(now.pings_sent, 1U);
  EXPECT_EQ(now.keep_alive_timeouts, 1U);
  EXPECT_EQ(now.idle_timeouts, 1U);
  EXPECT_EQ(now.close_timeouts, 1U);
  EXPECT_EQ(now.closed(1006), 1U);
}

}  // namespace
}  // namespace saker::testing
