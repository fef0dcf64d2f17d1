// Groups and prepared messages.

#include <gtest/gtest.h>

#include <array>
#include <future>
#include <string>
#include <thread>

#include "support/ws_client.hpp"
#include "support/zlib_peer.hpp"
#include "websocket/echo_server.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

constexpr websocket_accept_options compressing{.dangerous_enable_compression = true};

/// A room at /ws: what one says, all others hear. "to all: ..." everybody hears.
task<void> serve_member(websocket_group& room, websocket& socket) {
  room.add(socket);
  co_await socket.send("welcome", {.disable_compression = true});
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
    if (message.text().starts_with("to all: ")) {
      room.broadcast(message.text());
    } else if (message.text() == "leave") {
      room.remove(socket);
      co_await socket.send("left", {.disable_compression = true});
    } else {
      room.broadcast_except(socket, message.text());
    }
  }
  co_await socket.close();
}

class websocket_groups : public ::testing::TestWithParam<unsigned> {
 protected:
  ws_client join(std::string_view path = "/ws") {
    auto member = ws_client::offering(server_.port(), path, "permessage-deflate");
    EXPECT_EQ(member.read_frame().payload, "welcome");
    return member;
  }

  websocket_group room_;
  test_server server_{[this](web_application& app) {
                        const auto serve = [this](websocket& socket) {
                          return serve_member(room_, socket);
                        };
                        app.map_websocket("/ws", serve);
                        app.map_websocket("/compressed", serve, compressing);
                      },
                      GetParam()};
};

TEST_P(websocket_groups, reach_every_member) {
  std::vector<ws_client> members;
  for (int i = 0; i < 20; ++i) members.push_back(join());
  EXPECT_EQ(room_.size(), 20U);
  members[3].send({.opcode = 1, .payload = "to all: hello"});
  for (auto& each : members) EXPECT_EQ(each.read_frame().payload, "to all: hello");
  room_.broadcast("from outside");
  for (auto& each : members) EXPECT_EQ(each.read_frame().payload, "from outside");
}

TEST_P(websocket_groups, leave_one_out) {
  auto one = join();
  auto other = join();
  one.send({.opcode = 1, .payload = "a"});
  one.send({.opcode = 1, .payload = "b"});
  one.send({.opcode = 1, .payload = "to all: c"});
  for (const char* expected : {"a", "b", "to all: c"}) {
    EXPECT_EQ(other.read_frame().payload, expected);
  }
  EXPECT_EQ(one.read_frame().payload, "to all: c");
}

TEST_P(websocket_groups, members_leave_by_themselves_when_they_end) {
  auto stays = join();
  {
    auto closes = join();
    auto vanishes = join();
    EXPECT_EQ(room_.size(), 3U);
    closes.close();
  }
  auto asks = join();
  asks.send({.opcode = 1, .payload = "leave"});
  EXPECT_EQ(asks.read_frame().payload, "left");
  // The end of the one that vanished comes when it comes.
  while (room_.size() != 1) std::this_thread::yield();
  room_.broadcast("who is here?");
  EXPECT_EQ(stays.read_frame().payload, "who is here?");
  asks.send({.opcode = 1, .payload = "outside"});
  EXPECT_EQ(stays.read_frame().payload, "outside");
  asks.close();
}

TEST_P(websocket_groups, send_each_member_what_it_has_agreed_on) {
  const auto text = json_text(2000);
  auto plain = join();
  auto compressed = join("/compressed");
  zlib_peer zlib;
  for (int round = 0; round < 3; ++round) {
    room_.broadcast(text);
    EXPECT_EQ(plain.read_frame().payload, text);
    const auto frame = compressed.read_frame();
    EXPECT_TRUE(frame.compressed);
    EXPECT_EQ(zlib.inflate(frame.payload), text);
  }
  room_.broadcast(websocket_prepared_message(text, true));
  EXPECT_EQ(compressed.read_frame().payload, text);
}

INSTANTIATE_TEST_SUITE_P(threads, websocket_groups, ::testing::Values(1U, 4U));

TEST(websocket_group_order, is_that_of_the_calls) {
  websocket_group first;
  websocket_group second;
  one_handler<bool> handler(
      [&](websocket& socket, http_context&) -> task<bool> {
        first.add(socket);
        second.add(socket);
        first.add(socket);
        const auto part = std::as_bytes(std::span(std::string_view("d")));
        first.broadcast("a");
        first.broadcast("b");
        co_await socket.send("c");
        second.broadcast("1");
        co_await socket.send(part, websocket_message_type::text, false);
        first.broadcast("e");
        second.broadcast("f");
        co_await socket.send(part, websocket_message_type::text, true);
        first.broadcast_except(socket, "not for it");
        second.broadcast("g");
        socket.try_send("h");
        first.broadcast("i");
        first.remove(socket);
        first.broadcast("too late");
        second.broadcast("bye");
        co_await socket.close_output();
        co_return first.size() == 0;
      },
      {}, compressing);
  ws_client client(handler.port());
  for (const char* expected : {"a", "b", "c", "1", "dd", "e", "f", "g", "h", "i", "bye"}) {
    EXPECT_EQ(client.read_message().payload, expected);
  }
  EXPECT_EQ(client.read_frame().payload, close_payload(1000));
  EXPECT_TRUE(handler.result());
}

TEST(websocket_group_context, begins_anew_after_a_broadcast) {
  websocket_group group;
  const auto text = json_text(3000, 3);
  one_handler<bool> handler(
      [&](websocket& socket, http_context&) -> task<bool> {
        group.add(socket);
        for (int i = 0; i < 5; ++i) {
          co_await socket.send(text);
          group.broadcast(json_text(3000, 7));
          group.broadcast(text);
        }
        co_await socket.send(text);
        co_return true;
      },
      {}, compressing);
  auto client = ws_client::offering(handler.port(), "/ws", "permessage-deflate");
  zlib_peer zlib;
  for (int i = 0; i < 16; ++i) {
    const auto frame = client.read_frame();
    EXPECT_TRUE(frame.compressed);
    EXPECT_EQ(zlib.inflate(frame.payload), i % 3 == 1 ? json_text(3000, 7) : text);
  }
  EXPECT_TRUE(handler.result());
}

TEST(websocket_group_destruction, leaves_the_members_open) {
  auto group = std::make_unique<websocket_group>();
  test_server server([&](web_application& app) {
    app.map_websocket("/ws", [&](websocket& socket) -> task<void> {
      group->add(socket);
      group->broadcast("last words");
      group.reset();
      return echo_messages(socket);
    });
  });
  ws_client client(server.port());
  EXPECT_EQ(client.read_frame().payload, "last words");
  client.send({.opcode = 1, .payload = "still here"});
  EXPECT_EQ(client.read_frame().payload, "still here");
}

TEST(websocket_group_policy, must_not_be_wait) {
  EXPECT_THROW(websocket_group{overflow_policy::wait}, std::invalid_argument);
}

/// Two members, of which one does not read; broadcasts until something happens to it.
class slow_member_test : public ::testing::Test {
 protected:
  explicit slow_member_test(overflow_policy policy) : group_(policy) {}

  websocket_options options() {
    websocket_options small;
    small.send_buffer_limit = 300'000;
    return small;
  }

  websocket_group group_;
  test_server server_{[this](web_application& app) {
    app.use_websockets(options());
    app.map_websocket("/ws", [this](websocket& socket) -> task<void> {
      group_.add(socket);
      co_await socket.send("welcome");
      co_await receive_until_close(socket);
      co_await socket.close();
    });
  }};
  ws_client slow_{server_.port()};
  ws_client fast_{server_.port()};
};

struct websocket_group_closing : slow_member_test {
  websocket_group_closing() : slow_member_test(overflow_policy::disconnect) {}
};
struct websocket_group_dropping : slow_member_test {
  websocket_group_dropping() : slow_member_test(overflow_policy::drop_newest) {}
};

TEST_F(websocket_group_closing, ends_a_slow_member_and_delays_nobody) {
  EXPECT_EQ(slow_.read_frame().payload, "welcome");
  EXPECT_EQ(fast_.read_frame().payload, "welcome");
  const std::string block(100'000, 'x');
  while (group_.size() == 2) {
    group_.broadcast(block);
    ASSERT_EQ(fast_.read_frame().payload.size(), block.size());
  }
  auto frame = slow_.read_frame();
  while (frame.opcode == 1) frame = slow_.read_frame();
  EXPECT_EQ(frame.payload, close_payload(1008));
  fast_.close();
}

TEST_F(websocket_group_dropping, leaves_messages_out_for_a_slow_member) {
  EXPECT_EQ(slow_.read_frame().payload, "welcome");
  EXPECT_EQ(fast_.read_frame().payload, "welcome");
  const std::string block(100'000, 'x');
  std::size_t sent = 0;
  while (server_.app().websocket_metrics().messages_dropped < 3) {
    group_.broadcast(block);
    ++sent;
    ASSERT_EQ(fast_.read_frame().payload.size(), block.size());
  }
  const auto dropped = server_.app().websocket_metrics().messages_dropped;
  slow_.send({.opcode = 8, .payload = close_payload(1000)});
  std::size_t received = 0;
  for (auto frame = slow_.read_frame(); frame.opcode == 1; frame = slow_.read_frame()) ++received;
  EXPECT_EQ(received + dropped, sent);
  fast_.close();
}

}  // namespace
}  // namespace saker::testing
