// permessage-deflate (RFC 7692) on real connections; the peer is zlib itself.

#include <gtest/gtest.h>

#include <memory>
#include <semaphore>
#include <string>
#include <string_view>

#include "support/ws_client.hpp"
#include "support/zlib_peer.hpp"
#include "websocket/echo_server.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

constexpr websocket_accept_options compressing{.dangerous_enable_compression = true};

/// A connection that has agreed to compression.
struct compressing_client {
  explicit compressing_client(std::uint16_t port, std::string_view path = "/ws",
                              std::string_view offer = "permessage-deflate")
      : socket(ws_client::offering(port, path, offer)) {
    EXPECT_TRUE(socket.extensions().starts_with("permessage-deflate")) << socket.extensions();
  }

  void send(std::string_view text, unsigned opcode = 1) {
    socket.send({.opcode = opcode, .payload = zlib.deflate(text), .reserved = 4});
  }
  void send_payload(std::string payload, bool fin = true) {
    socket.send({.opcode = 1, .payload = std::move(payload), .fin = fin, .reserved = 4});
  }
  std::string receive() {
    const auto message = socket.read_message();
    return message.compressed ? zlib.inflate(message.payload) : message.payload;
  }

  ws_client socket;
  zlib_peer zlib;
};

void configure_compressed_echoes(web_application& app) {
  app.map_websocket("/pieces", echo_pieces, compressing);
  app.map_websocket("/messages", echo_messages, compressing);
  app.map_websocket("/plain", echo_messages);
}

class websocket_compression : public ::testing::TestWithParam<const char*> {
 protected:
  std::uint16_t port() const { return server_.port(); }

  test_server server_{configure_compressed_echoes};
};

TEST_P(websocket_compression, echoes_every_size) {
  compressing_client client(port(), GetParam());
  for (const std::size_t size : {0U, 1U, 125U, 126U, 4095U, 4096U, 4097U, 65'536U, 1'000'000U}) {
    const auto text = json_text(size);
    client.send(text);
    const auto echo = client.receive();
    EXPECT_TRUE(echo == text) << size << " bytes, got " << echo.size();
  }
  client.socket.close();
}

TEST_P(websocket_compression, keeps_no_context_where_none_is_wanted) {
  compressing_client client(
      port(), GetParam(),
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
  for (int round = 0; round < 3; ++round) {
    const auto text = json_text(3000);
    client.zlib.forget_sent();
    client.zlib.forget_received();
    client.send(text);
    EXPECT_EQ(client.receive(), text);
  }
}

TEST_P(websocket_compression, takes_one_byte_at_a_time) {
  compressing_client client(port(), GetParam());
  const auto text = json_text(300);
  const auto frame =
      client_frame{.opcode = 1, .payload = client.zlib.deflate(text), .reserved = 4}.bytes();
  for (const char each : frame) client.socket.raw().send_all(std::string_view(&each, 1));
  EXPECT_EQ(client.receive(), text);
}

TEST_P(websocket_compression, joins_fragments_with_control_frames_between) {
  compressing_client client(port(), GetParam());
  const auto text = json_text(2000);
  client.send_payload(client.zlib.deflate(text.substr(0, 700), false), false);
  client.socket.send({.opcode = 9, .payload = "between"});
  client.socket.send({.opcode = 0, .payload = "", .fin = false});
  client.socket.send({.opcode = 0, .payload = client.zlib.deflate(text.substr(700))});
  std::string received;
  bool pong = false;
  for (bool last = false; !last;) {
    const auto frame = client.socket.read_frame();
    if (frame.opcode == 10) {
      pong = true;
      continue;
    }
    received += frame.payload;
    last = frame.fin;
  }
  EXPECT_TRUE(pong);
  EXPECT_EQ(client.zlib.inflate(received), text);
}

TEST_P(websocket_compression, mixes_compressed_and_uncompressed_messages) {
  compressing_client client(port(), GetParam());
  for (int i = 0; i < 20; ++i) {
    const auto text = json_text(200, static_cast<unsigned>(i));
    if (i % 3 == 0) {
      client.socket.send({.opcode = 1, .payload = text});
    } else {
      client.send(text);
    }
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.receive(), json_text(200, static_cast<unsigned>(i)));
  }
}

TEST_P(websocket_compression, takes_final_blocks) {
  compressing_client client(port(), GetParam());
  const auto text = json_text(5000);
  client.send_payload(client.zlib.deflate_final(text));
  EXPECT_EQ(client.receive(), text);
  client.send_payload(client.zlib.deflate("after it"));
  EXPECT_EQ(client.receive(), "after it");
}

TEST_P(websocket_compression, refuses_rsv1_where_it_may_not_be) {
  const client_frame wrong[] = {{.opcode = 0, .payload = "x", .reserved = 4},
                                {.opcode = 9, .payload = "x", .reserved = 4},
                                {.opcode = 8, .reserved = 4},
                                {.opcode = 0, .payload = "x", .reserved = 2}};
  for (const auto& frame : wrong) {
    compressing_client client(port(), GetParam());
    client.send_payload(client.zlib.deflate("x", false), false);
    // An echo in pieces may have answered the fragment already.
    client.socket.send(frame);
    auto answer = client.socket.read_frame();
    while (answer.opcode != 8) answer = client.socket.read_frame();
    EXPECT_EQ(answer.payload, close_payload(1002));
  }
}

TEST_P(websocket_compression, refuses_garbage) {
  for (const std::string_view payload : {"\xff\xff\xff\xff", "\x06\x01\x02", "\xf2\x48\xcd"}) {
    compressing_client client(port(), GetParam());
    client.send_payload(std::string(payload));
    auto answer = client.socket.read_frame();
    while (answer.opcode != 8) answer = client.socket.read_frame();
    EXPECT_EQ(answer.payload, close_payload(1007));
  }
}

TEST_P(websocket_compression, refuses_text_that_is_not_utf8) {
  for (const std::string_view text : {"abc\xff", "abc\xc3"}) {
    compressing_client client(port(), GetParam());
    client.send(text);
    auto answer = client.socket.read_frame();
    while (answer.opcode != 8) answer = client.socket.read_frame();
    EXPECT_EQ(answer.payload, close_payload(1007));
  }
}

INSTANTIATE_TEST_SUITE_P(echoes, websocket_compression, ::testing::Values("/pieces", "/messages"));

TEST(websocket_compression_offer, is_answered_only_where_compression_is_enabled) {
  test_server server(configure_compressed_echoes);
  EXPECT_EQ(ws_client::offering(server.port(), "/plain", "permessage-deflate").extensions(), "");
  EXPECT_EQ(ws_client(server.port(), "/messages").extensions(), "");
  auto declined = ws_client::offering(server.port(), "/messages",
                                      "permessage-deflate; server_max_window_bits=8");
  EXPECT_EQ(declined.extensions(), "");
  declined.send({.opcode = 1, .payload = "plain"});
  EXPECT_EQ(declined.read_message().payload, "plain");
  declined.send({.opcode = 1, .payload = "x", .reserved = 4});
  declined.expect_close(1002);
}

/// The server sends, as often as the client asks, what `work` sends.
template <class Work>
std::vector<server_frame> frames_of(Work work, std::size_t count, websocket_accept_options accept,
                                    websocket_options options = {}) {
  one_handler<bool> handler(
      [&](websocket& socket, http_context&) -> task<bool> {
        co_await work(socket);
        co_await socket.close();
        co_return true;
      },
      options, accept);
  auto client = ws_client::offering(handler.port(), "/ws", "permessage-deflate");
  std::vector<server_frame> frames;
  while (frames.size() < count) frames.push_back(client.read_frame());
  client.send({.opcode = 8, .payload = close_payload(1000)});
  EXPECT_TRUE(handler.result());
  return frames;
}

TEST(websocket_compressed_send, can_be_turned_off_for_a_message) {
  const auto text = json_text(2000);
  const auto frames = frames_of(
      [&](websocket& socket) -> task<void> {
        co_await socket.send(text);
        co_await socket.send(text, {.disable_compression = true});
        co_await socket.send(text);
      },
      3, compressing);
  EXPECT_TRUE(frames[0].compressed);
  EXPECT_FALSE(frames[1].compressed);
  EXPECT_EQ(frames[1].payload, text);
  zlib_peer zlib;
  EXPECT_EQ(zlib.inflate(frames[0].payload), text);
  EXPECT_EQ(zlib.inflate(frames[2].payload), text);
}

TEST(websocket_compressed_send, compresses_fragments_as_one_message) {
  const auto text = json_text(3000);
  const auto bytes = std::as_bytes(std::span(text));
  const auto frames = frames_of(
      [&](websocket& socket) -> task<void> {
        const auto type = websocket_message_type::text;
        co_await socket.send(bytes.first(1000), type, false);
        co_await socket.send({}, type, false);
        co_await socket.send(bytes.subspan(1000), type, false);
        co_await socket.send({}, type, true);
      },
      4, compressing);
  EXPECT_TRUE(frames[0].compressed);
  EXPECT_FALSE(frames[1].compressed);
  EXPECT_EQ(frames[3].payload, std::string(1, '\0'));
  std::string payload;
  for (const auto& each : frames) payload += each.payload;
  EXPECT_EQ(zlib_peer().inflate(payload), text);
}

TEST(websocket_compressed_send, wants_the_same_for_all_fragments) {
  one_handler<std::string> handler(
      [](websocket& socket, http_context&) -> task<std::string> {
        const auto type = websocket_message_type::text;
        const std::string text = "part";
        const auto bytes = std::as_bytes(std::span(text));
        co_await socket.send(bytes, type, {.end_of_message = false, .disable_compression = true});
        auto failure = co_await failure_of([&] { return socket.send(bytes, type, false); });
        co_await socket.send(bytes, type, {.disable_compression = true});
        co_return failure;
      },
      {}, compressing);
  auto client = ws_client::offering(handler.port(), "/ws", "permessage-deflate");
  EXPECT_EQ(client.read_message().payload, "partpart");
  EXPECT_EQ(handler.result(),
            "websocket_send_options::disable_compression must be the same for all fragments of a "
            "message.");
}

TEST(websocket_compressed_send, leaves_short_messages_alone_below_the_threshold) {
  const auto send = [](websocket& socket) -> task<void> {
    co_await socket.send(json_text(1023));
    co_await socket.send(json_text(1024));
    co_await socket.send("");
  };
  auto accept = compressing;
  auto frames = frames_of(send, 3, accept);
  EXPECT_TRUE(frames[0].compressed);
  EXPECT_FALSE(frames[2].compressed);

  accept.disable_server_context_takeover = true;
  frames = frames_of(send, 3, accept);
  EXPECT_FALSE(frames[0].compressed);
  EXPECT_TRUE(frames[1].compressed);
  EXPECT_EQ(zlib_peer().inflate(frames[1].payload), json_text(1024));

  accept.compression_threshold = 100;
  EXPECT_TRUE(frames_of(send, 3, accept)[0].compressed);
  EXPECT_FALSE(frames_of(send, 3, compressing, {.compression_threshold = 1024})[0].compressed);
}

TEST(websocket_compressed_send, leaves_messages_alone_that_do_not_shrink) {
  std::string noise(2000, ' ');
  unsigned seed = 5;
  for (auto& each : noise) each = static_cast<char>((seed = seed * 1103515245U + 12345U) >> 16);
  auto accept = compressing;
  accept.disable_server_context_takeover = true;
  const auto frames = frames_of(
      [&](websocket& socket) -> task<void> {
        co_await socket.send(std::as_bytes(std::span(noise)), websocket_message_type::binary);
      },
      1, accept);
  EXPECT_FALSE(frames[0].compressed);
  EXPECT_EQ(frames[0].payload, noise);
}

TEST(websocket_compressed_send, keeps_to_the_window) {
  auto accept = compressing;
  accept.server_max_window_bits = 9;
  one_handler<bool> handler(
      [](websocket& socket, http_context&) -> task<bool> {
        co_await socket.send(json_text(50'000));
        co_return true;
      },
      {}, accept);
  auto client = ws_client::offering(handler.port(), "/ws", "permessage-deflate");
  EXPECT_EQ(client.extensions(), "permessage-deflate; server_max_window_bits=9");
  EXPECT_EQ(zlib_peer(9).inflate(client.read_message().payload), json_text(50'000));
}

TEST(websocket_compression_options, are_checked) {
  for (const int bits : {-1, 0, 8, 16, 265}) {
    EXPECT_THROW(test_server([&](web_application& app) {
                   app.map_websocket("/ws", echo_messages, {.server_max_window_bits = bits});
                 }),
                 std::invalid_argument)
        << bits;
  }
}

// Bombs.

/// Zeros, 1000 times smaller.
std::string bomb(std::size_t inflated) { return zlib_peer().deflate(std::string(inflated, '\0')); }

TEST(websocket_bomb, ends_a_receive_of_a_message) {
  one_handler<std::string> handler(
      [](websocket& socket, http_context&) -> task<std::string> {
        co_return co_await failure_of([&] { return socket.receive_message(); });
      },
      {.max_message_size = 100'000}, compressing);
  auto client = ws_client::offering(handler.port(), "/ws", "permessage-deflate");
  client.send({.opcode = 2, .payload = bomb(100'001), .reserved = 4});
  client.expect_close(1009);
  EXPECT_EQ(handler.result(),
            "The WebSocket received a message larger than max_message_size allows.");
}

TEST(websocket_bomb, is_a_message_up_to_the_limit) {
  one_handler<std::size_t> handler(
      [](websocket& socket, http_context&) -> task<std::size_t> {
        co_return (co_await socket.receive_message()).size();
      },
      {.max_message_size = 100'000}, compressing);
  auto client = ws_client::offering(handler.port(), "/ws", "permessage-deflate");
  client.send({.opcode = 2, .payload = bomb(100'000), .reserved = 4});
  EXPECT_EQ(handler.result(), 100'000U);
}

TEST(websocket_bomb, ends_receives_into_a_buffer) {
  one_handler<std::size_t> handler(
      [](websocket& socket, http_context&) -> task<std::size_t> {
        std::array<std::byte, 1000> buffer;
        std::size_t received = 0;
        try {
          for (;;) received += (co_await socket.receive(buffer)).count;
        } catch (const websocket_error&) {
        }
        co_return received;
      },
      {.max_message_size = 100'000}, compressing);
  auto client = ws_client::offering(handler.port(), "/ws", "permessage-deflate");
  client.send({.opcode = 2, .payload = bomb(50'000'000), .reserved = 4});
  client.expect_close(1009);
  EXPECT_EQ(handler.result(), 100'000U);
}

TEST(websocket_bomb, is_kept_compressed_while_nobody_receives) {
  completion_source<> seen;
  one_handler<std::string> handler(
      [&](websocket& socket, http_context&) -> task<std::string> {
        co_await seen;
        std::array<std::byte, 1> byte;
        const auto first = co_await socket.receive(byte);
        const auto failure = co_await failure_of([&] { return socket.receive_message(); });
        co_return std::to_string(first.count) + " " + failure;
      },
      {.max_message_size = 100'000}, compressing);
  auto client = ws_client::offering(handler.port(), "/ws", "permessage-deflate");
  client.send({.opcode = 2, .payload = bomb(10'000'000), .reserved = 4});
  client.send({.opcode = 9, .payload = "behind it"});
  EXPECT_EQ(client.read_frame().payload, "behind it");
  seen.set_value();
  client.expect_close(1009);
  EXPECT_EQ(handler.result(),
            "1 The WebSocket received a message larger than max_message_size allows.");
}

constexpr int many = 100;

/// How many of them have been received when the loop comes to what was posted before.
task<int> receive_many(websocket& socket) {
  struct counts {
    int received = 0;
    int meanwhile = many;
  };
  const auto count = std::make_shared<counts>();
  socket.loop().post([count] { count->meanwhile = count->received; });
  for (; count->received < many; ++count->received) {
    const auto message = co_await socket.receive_message();
    EXPECT_EQ(message.size(), 200'000U);
  }
  co_return count->meanwhile;
}

void send_many(ws_client& client) {
  const auto payload = bomb(200'000);
  for (int i = 0; i < many; ++i) client.send({.opcode = 2, .payload = payload, .reserved = 4});
}

TEST(websocket_bomb, shares_the_loop_when_it_was_read_ahead) {
  completion_source<> seen;
  one_handler<int> handler(
      [&](websocket& socket, http_context&) -> task<int> {
        co_await seen;
        co_return co_await receive_many(socket);
      },
      {}, compressing);
  auto client = ws_client::offering(handler.port(), "/ws", "permessage-deflate");
  send_many(client);
  client.send({.opcode = 9, .payload = "behind them"});
  EXPECT_EQ(client.read_frame().payload, "behind them");
  seen.set_value();
  EXPECT_LT(handler.result(), many / 2);
}

TEST(websocket_bomb, shares_the_loop_when_it_is_read) {
  std::binary_semaphore blocked(0);
  std::binary_semaphore sent(0);
  one_handler<int> handler(
      [&](websocket& socket, http_context&) -> task<int> {
        co_await socket.receive_message();
        blocked.release();
        sent.acquire();
        co_return co_await receive_many(socket);
      },
      {}, compressing);
  auto client = ws_client::offering(handler.port(), "/ws", "permessage-deflate");
  client.send({.payload = "first"});
  blocked.acquire();
  send_many(client);
  sent.release();
  EXPECT_LT(handler.result(), many / 2);
}

TEST(websocket_compressed_receive, can_be_canceled_without_losing_anything) {
  const auto text = json_text(4000);
  one_handler<std::string> handler(
      [](websocket& socket, http_context&) -> task<std::string> {
        std::stop_source stop;
        socket.loop().post([&] { stop.request_stop(); });
        auto failure =
            co_await failure_of([&] { return socket.receive_message(stop.get_token()); });
        co_await socket.send("go on", {.disable_compression = true});
        const auto message = co_await socket.receive_message();
        co_return failure + ": " + std::string(message.text());
      },
      {}, compressing);
  auto client = ws_client::offering(handler.port(), "/ws", "permessage-deflate");
  zlib_peer zlib;
  const auto payload = zlib.deflate(text);
  client.send({.opcode = 1, .payload = payload.substr(0, 300), .fin = false, .reserved = 4});
  EXPECT_EQ(client.read_frame().payload, "go on");
  client.send({.opcode = 0, .payload = payload.substr(300)});
  const auto result = handler.result();
  EXPECT_TRUE(result.ends_with(": " + text)) << result.substr(0, 80);
}

}  // namespace
}  // namespace saker::testing
