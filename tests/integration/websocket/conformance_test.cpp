// Case by case in the sense of the well-known WebSocket suites, each against an echo through
// `receive(buffer)` and one through `receive_message`, over every protocol that carries WebSockets.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "support/ws_client.hpp"
#include "websocket/echo_server.hpp"

namespace saker::testing {
namespace {

using conformance_parameters = std::tuple<const char*, carrier>;

class websocket_conformance : public ::testing::TestWithParam<conformance_parameters> {
 protected:
  websocket_conformance() {
    if (has_tls(protocol())) {
      server_.emplace(test_server::secure{}, configure_echoes);
    } else {
      server_.emplace(configure_echoes);
    }
  }
  static carrier protocol() { return std::get<1>(GetParam()); }
  ws_client connect(std::string_view extra = {}) {
    return ws_client::over(protocol(), server_->port(), std::get<0>(GetParam()), extra);
  }
  void expect_echo(ws_client& client, const client_frame& frame) {
    client.send(frame);
    expect_message(client, frame.opcode, frame.payload);
  }
  static void expect_message(ws_client& client, unsigned opcode, const std::string& payload) {
    const auto message = client.read_message();
    EXPECT_EQ(message.opcode, opcode);
    EXPECT_EQ(message.payload.size(), payload.size());
    EXPECT_TRUE(message.payload == payload) << "another payload came back";
  }
  /// The frames end the connection with the code, after whatever they echo.
  void expect_refused(const std::vector<client_frame>& frames, unsigned code) {
    auto client = connect();
    std::string bytes;
    for (const auto& frame : frames) bytes += frame.bytes();
    client.channel().send_all(bytes);
    for (;;) {
      const auto frame = client.read_frame();
      if (frame.opcode != 8) continue;
      EXPECT_EQ(frame.payload.substr(0, 2), close_payload(code));
      break;
    }
    EXPECT_EQ(client.channel().read_to_eof(), "");
  }

  std::optional<test_server> server_;
};

TEST_P(websocket_conformance, echoes_every_size) {
  auto client = connect();
  for (const std::size_t size :
       {0U, 1U, 125U, 126U, 127U, 128U, 4095U, 4096U, 4097U, 65535U, 65536U, 65537U}) {
    std::string payload(size, 'x');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('a' + i % 26);
    expect_echo(client, {.opcode = 1, .payload = payload});
    expect_echo(client, {.opcode = 2, .payload = payload});
  }
  client.close();
}

TEST_P(websocket_conformance, echoes_16_mib) {
  auto client = connect();
  const std::string payload(16 * 1024 * 1024, '\xa7');
  // The echo comes back while the message goes out: one thread sends, one reads.
  std::jthread sending([&] { client.send({.opcode = 2, .payload = payload}); });
  expect_message(client, 2, payload);
  sending.join();
  client.close();
}

TEST_P(websocket_conformance, takes_one_byte_at_a_time) {
  auto client = connect();
  const client_frame text{.opcode = 1,
                          .payload =
                              "gr\xc3\xbc\xc3\x9f"
                              "e " +
                              std::string(130, 'x')};
  client.channel().send_byte_by_byte(client_frame{.opcode = 9, .payload = "ping"}.bytes() +
                                     text.bytes());
  EXPECT_EQ(client.read_frame().payload, "ping");
  expect_message(client, 1, text.payload);
  client.close();
}

TEST_P(websocket_conformance, takes_frames_with_the_handshake) {
  const client_frame first{.opcode = 1, .payload = "early"};
  const client_frame second{.opcode = 2, .payload = "bird"};
  auto client = connect(first.bytes() + second.bytes());
  expect_message(client, 1, "early");
  expect_message(client, 2, "bird");
  client.close();
}

TEST_P(websocket_conformance, answers_pings) {
  auto client = connect();
  for (const std::size_t size : {0U, 1U, 124U, 125U}) {
    const std::string payload(size, '\xfe');
    client.send({.opcode = 9, .payload = payload});
    const auto pong = client.read_frame();
    EXPECT_EQ(pong.opcode, 10U);
    EXPECT_EQ(pong.payload, payload);
  }
  client.send({.opcode = 10, .payload = "nobody asked"});
  for (int i = 0; i < 10; ++i) client.send({.opcode = 9, .payload = std::to_string(i)});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.read_frame().payload, std::to_string(i));
  client.close();
}

TEST_P(websocket_conformance, joins_fragments_with_control_frames_between) {
  auto client = connect();
  client.send({.opcode = 1, .payload = "one ", .fin = false});
  client.send({.opcode = 9, .payload = "a"});
  client.send({.opcode = 0, .payload = "", .fin = false});
  client.send({.opcode = 10});
  client.send({.opcode = 9, .payload = "b"});
  client.send({.opcode = 0, .payload = "two"});
  std::string text;
  std::string pongs;
  for (bool ended = false; !ended;) {
    const auto frame = client.read_frame();
    if (frame.opcode == 10) {
      pongs += frame.payload;
    } else {
      text += frame.payload;
      ended = frame.fin;
    }
  }
  EXPECT_EQ(text, "one two");
  EXPECT_EQ(pongs, "ab");
  client.close();
}

TEST_P(websocket_conformance, refuses_bad_frames) {
  for (unsigned bits = 1; bits < 8; ++bits) {
    expect_refused({{.opcode = 1, .payload = "x", .reserved = bits}}, 1002);
    expect_refused({{.opcode = 9, .payload = "x", .reserved = bits}}, 1002);
  }
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    expect_refused({{.opcode = opcode}}, 1002);
    expect_refused({{.opcode = 1, .payload = "echoed"}, {.opcode = opcode, .payload = "x"}}, 1002);
  }
  expect_refused({{.opcode = 1, .payload = "x", .masked = false}}, 1002);
  expect_refused({{.opcode = 9, .payload = std::string(126, 'x')}}, 1002);
  expect_refused({{.opcode = 9, .payload = "x", .fin = false}}, 1002);
  expect_refused({{.opcode = 8, .payload = std::string(126, 'x')}}, 1002);
}

TEST_P(websocket_conformance, refuses_bad_lengths) {
  expect_refused({{.opcode = 2, .payload = std::string(125, 'x'), .length_bytes = 2}}, 1002);
  expect_refused({{.opcode = 2, .payload = std::string(300, 'x'), .length_bytes = 8}}, 1002);
  expect_refused({{.opcode = 2, .payload = "", .length_bytes = 2}}, 1002);
  auto client = connect();
  client.channel().send_all(std::string("\x82\xff\x80\0\0\0\0\0\0\x01", 10));
  client.expect_close(1002);
}

TEST_P(websocket_conformance, refuses_fragments_out_of_order) {
  expect_refused({{.opcode = 0, .payload = "x"}}, 1002);
  expect_refused({{.opcode = 0, .payload = "x", .fin = false}}, 1002);
  expect_refused({{.opcode = 1, .payload = "x"}, {.opcode = 0, .payload = "y"}}, 1002);
  expect_refused({{.opcode = 1, .payload = "x", .fin = false}, {.opcode = 1, .payload = "y"}},
                 1002);
  expect_refused({{.opcode = 2, .payload = "x", .fin = false}, {.opcode = 1, .payload = "y"}},
                 1002);
}

const std::vector<std::string> bad_texts = {
    "\x80",
    "\xbf",
    "\xc0\xaf",
    "\xc1\xbf",
    "\xe0\x80\xaf",
    "\xed\xa0\x80",
    "\xed\xbf\xbf",
    "\xf0\x80\x80\xaf",
    "\xf4\x90\x80\x80",
    "\xf5\x80\x80\x80",
    "\xfe",
    "\xff",
    "good \xce\xba\xcf\x8c then bad \xed\xa0\x80 then good"};

TEST_P(websocket_conformance, refuses_text_that_is_not_utf8) {
  for (const auto& text : bad_texts) {
    expect_refused({{.opcode = 1, .payload = text}}, 1007);
    expect_refused({{.opcode = 1, .payload = "", .fin = false}, {.opcode = 0, .payload = text}},
                   1007);
    expect_refused({{.opcode = 1, .payload = std::string(100, 'a') + text}}, 1007);
  }
  for (const std::string cut : {"\xc3", "\xe2\x82", "\xf0\x9f\xa6"}) {
    expect_refused({{.opcode = 1, .payload = cut}}, 1007);
  }
}

TEST_P(websocket_conformance, refuses_a_bad_prefix_at_once) {
  auto client = connect();
  // Of a frame of 1000 bytes only five come, the last of them wrong.
  client.channel().send_all(
      client_frame{.opcode = 1, .payload = "abc\xf4\x90", .announced = 1000}.bytes());
  client.expect_close(1007);
}

TEST_P(websocket_conformance, takes_utf8_split_at_every_byte) {
  const std::string text =
      "\xce\xba\xe1\xbd\xb9\xcf\x83 \xf0\x9f\xa6\x85 \xf4\x8f\xbf\xbf \xef\xbf\xbf";
  auto client = connect();
  for (std::size_t split = 0; split <= text.size(); ++split) {
    client.send({.opcode = 1, .payload = text.substr(0, split), .fin = false});
    client.send({.opcode = 0, .payload = text.substr(split)});
    expect_message(client, 1, text);
  }
  // Binary is not checked.
  expect_echo(client, {.opcode = 2, .payload = "\xff\xfe"});
  client.close();
}

TEST_P(websocket_conformance, answers_every_close_code) {
  for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U,
                              1013U, 1014U, 3000U, 3999U, 4000U, 4999U}) {
    auto client = connect();
    client.send({.opcode = 8, .payload = close_payload(code, "why not")});
    const auto answer = client.read_frame();
    EXPECT_EQ(answer.opcode, 8U);
    EXPECT_EQ(answer.payload, close_payload(code, "why not"));
    EXPECT_EQ(client.channel().read_to_eof(), "");
  }
}

TEST_P(websocket_conformance, refuses_bad_closes) {
  for (const unsigned code :
       {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65535U}) {
    expect_refused({{.opcode = 8, .payload = close_payload(code)}}, 1002);
  }
  expect_refused({{.opcode = 8, .payload = "x"}}, 1002);
  expect_refused({{.opcode = 8, .payload = close_payload(1000, "\xce")}}, 1002);
  expect_refused({{.opcode = 8, .payload = close_payload(1000, "\xff\xfe")}}, 1002);
}

TEST_P(websocket_conformance, takes_the_longest_reason_and_ignores_what_follows) {
  auto client = connect();
  const auto payload = close_payload(1000, std::string(123, 'r'));
  client.channel().send_all(client_frame{.opcode = 8, .payload = payload}.bytes() +
                            client_frame{.opcode = 1, .payload = "late"}.bytes() +
                            client_frame{.opcode = 9, .payload = "later"}.bytes());
  EXPECT_EQ(client.read_frame().payload, payload);
  EXPECT_EQ(client.channel().read_to_eof(), "");
}

TEST_P(websocket_conformance, keeps_the_order_of_many_messages_in_one_packet) {
  auto client = connect();
  std::string bytes;
  for (int i = 0; i < 500; ++i)
    bytes += client_frame{.opcode = 1, .payload = std::to_string(i)}.bytes();
  client.channel().send_all(bytes);
  for (int i = 0; i < 500; ++i) expect_message(client, 1, std::to_string(i));
  client.close();
}

INSTANTIATE_TEST_SUITE_P(echoes, websocket_conformance,
                         ::testing::Combine(::testing::Values("/pieces", "/messages"),
                                            ::testing::ValuesIn(every_carrier)),
                         [](const auto& chosen) {
                           return std::string(std::get<0>(chosen.param)).substr(1) + "_over_" +
                                  to_string(std::get<1>(chosen.param));
                         });

}  // namespace
}  // namespace saker::testing
