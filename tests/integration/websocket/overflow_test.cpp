// Peers that are slower than the application: overflow policies, try_send, buffered_amount.

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>

#include "support/ws_client.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

constexpr std::size_t block_size = 100'000;

websocket_options with_policy(overflow_policy policy) {
  websocket_options options;
  options.overflow_policy = policy;
  options.send_buffer_limit = 300'000;
  return options;
}

/// Reads what a server has sent until its Close, which it answers; gives the sizes of the messages.
std::vector<std::size_t> read_all(ws_client& client, unsigned expected_code) {
  std::vector<std::size_t> sizes;
  for (;;) {
    const auto frame = client.read_message();
    if (frame.opcode == 8) {
      EXPECT_EQ(frame.payload.substr(0, 2), close_payload(expected_code));
      client.send({.opcode = 8, .payload = close_payload(1000)});
      return sizes;
    }
    sizes.push_back(frame.payload.size());
  }
}

struct counted {
  std::size_t sent = 0;
  std::size_t dropped = 0;
  std::size_t most_buffered = 0;
};

TEST(websocket_overflow, drops_messages_and_says_so) {
  one_handler<counted> handler(
      [](websocket& socket, http_context&) -> task<counted> {
        const std::string block(block_size, 'x');
        counted result;
        while (result.dropped < 5) {
          const bool sent = co_await socket.send(block);
          ++(sent ? result.sent : result.dropped);
          result.most_buffered = std::max(result.most_buffered, socket.buffered_amount());
        }
        co_await socket.close_output();
        co_return result;
      },
      with_policy(overflow_policy::drop_newest));
  ws_client client(handler.port());
  const auto result = handler.result();
  EXPECT_EQ(read_all(client, 1000), std::vector<std::size_t>(result.sent, block_size));
  EXPECT_LE(result.most_buffered, 300'000U + 20U);
  EXPECT_GE(result.most_buffered, 200'000U);
}

TEST(websocket_overflow, drops_all_fragments_of_a_message) {
  one_handler<counted> handler(
      [](websocket& socket, http_context&) -> task<counted> {
        const std::string block(block_size, 'x');
        const auto half = std::as_bytes(std::span(block)).first(block_size / 2);
        counted result;
        while (result.dropped < 3) {
          const bool first = co_await socket.send(half, websocket_message_type::text, false);
          const bool second = co_await socket.send(half, websocket_message_type::text, true);
          if (first != second) co_return counted{};
          ++(first ? result.sent : result.dropped);
        }
        co_await socket.close_output();
        co_return result;
      },
      with_policy(overflow_policy::drop_newest));
  ws_client client(handler.port());
  const auto result = handler.result();
  EXPECT_GT(result.sent, 0U);
  EXPECT_EQ(read_all(client, 1000), std::vector<std::size_t>(result.sent, block_size));
}

TEST(websocket_overflow, sends_a_message_larger_than_the_limit_when_little_waits) {
  one_handler<bool> handler(
      [](websocket& socket, http_context&) -> task<bool> {
        const std::string large(20'000'000, 'x');
        const bool first = co_await socket.send(large);
        const bool second = co_await socket.send("does not fit");
        co_await socket.close_output();
        co_return first && !second;
      },
      with_policy(overflow_policy::drop_newest));
  ws_client client(handler.port());
  EXPECT_TRUE(handler.result());
  EXPECT_EQ(read_all(client, 1000), std::vector<std::size_t>(1, 20'000'000));
}

TEST(websocket_overflow, closes_with_1008) {
  one_handler<std::string> handler(
      [](websocket& socket, http_context&) -> task<std::string> {
        const std::string block(block_size, 'x');
        std::string failure = "nothing";
        while (failure == "nothing") {
          failure = co_await failure_of([&] { return socket.send(block); });
        }
        co_return failure + " " + std::string(to_string(socket.state()));
      },
      with_policy(overflow_policy::disconnect));
  ws_client client(handler.port());
  EXPECT_EQ(handler.result(),
            "More bytes wait for the WebSocket's peer than send_buffer_limit allows. aborted");
  EXPECT_FALSE(read_all(client, 1008).empty());
}

TEST(websocket_overflow, is_given_per_accept_too) {
  websocket_accept_options accept;
  accept.overflow_policy = overflow_policy::drop_newest;
  accept.send_buffer_limit = 300'000;
  one_handler<bool> handler(
      [](websocket& socket, http_context&) -> task<bool> {
        const std::string block(block_size, 'x');
        for (bool sent = true; sent;) sent = co_await socket.send(block);
        co_return socket.buffered_amount() <= 300'020;
      },
      {}, accept);
  ws_client client(handler.port());
  EXPECT_TRUE(handler.result());
}

TEST(websocket_overflow, options_are_checked) {
  websocket_options options;
  options.send_buffer_limit = options.send_high_water_mark - 1;
  EXPECT_THROW(options.validate(), std::invalid_argument);
}

TEST(websocket_try_send, refuses_when_too_much_waits) {
  one_handler<counted> handler(
      [](websocket& socket, http_context&) -> task<counted> {
        const std::string block(block_size, 'x');
        counted result;
        while (socket.try_send(block)) ++result.sent;
        result.most_buffered = socket.buffered_amount();
        co_await socket.close_output();
        result.dropped = socket.try_send("late") ? 0 : 1;
        co_return result;
      },
      with_policy(overflow_policy::wait));
  ws_client client(handler.port());
  const auto result = handler.result();
  EXPECT_EQ(result.dropped, 1U) << "a closing socket takes nothing";
  EXPECT_LE(result.most_buffered, 300'020U);
  EXPECT_EQ(read_all(client, 1000), std::vector<std::size_t>(result.sent, block_size));
}

TEST(websocket_try_send, works_from_another_thread_within_the_limit) {
  completion_source<std::size_t> finished;
  one_handler<std::size_t> handler(
      [&](websocket& socket, http_context&) -> task<std::size_t> {
        std::thread other([&] {
          const std::string block(block_size, 'x');
          std::size_t sent = 0;
          while (socket.try_send(block)) ++sent;
          finished.set_value(sent);
        });
        const auto sent = co_await finished;
        other.join();
        co_await socket.close_output();
        co_return sent;
      },
      with_policy(overflow_policy::drop_newest));
  ws_client client(handler.port());
  const auto sent = handler.result();
  EXPECT_GE(sent, 2U);  // A third fits until the loop adds the heads of the frames.
  // Each was promised, so each has come.
  EXPECT_EQ(read_all(client, 1000), std::vector<std::size_t>(sent, block_size));
}

TEST(websocket_try_send, waits_for_the_end_of_a_fragmented_message) {
  one_handler<bool> handler([](websocket& socket, http_context&) -> task<bool> {
    const auto part = std::as_bytes(std::span(std::string_view("part")));
    co_await socket.send(part, websocket_message_type::text, false);
    bool sent = socket.try_send("whole");
    sent = socket.try_send(websocket_prepared_message("prepared")) && sent;
    const bool awaited = co_await socket.send(websocket_prepared_message("awaited"));
    co_await socket.send(part, websocket_message_type::text, true);
    co_await socket.close_output();
    co_return sent&& awaited;
  });
  ws_client client(handler.port());
  for (const char* expected : {"partpart", "whole", "prepared", "awaited"}) {
    EXPECT_EQ(client.read_message().payload, expected);
  }
  EXPECT_TRUE(handler.result());
}

TEST(websocket_try_send, keeps_within_the_limit_between_fragments_too) {
  one_handler<counted> handler(
      [](websocket& socket, http_context&) -> task<counted> {
        const auto part = std::as_bytes(std::span(std::string_view("part")));
        const websocket_prepared_message block(std::string(block_size, 'x'));
        counted result;
        co_await socket.send(part, websocket_message_type::text, false);
        while (socket.try_send(block)) ++result.sent;
        result.dropped = co_await socket.send(block) ? 0 : 1;
        co_await socket.send(part, websocket_message_type::text, true);
        co_await socket.close_output();
        co_return result;
      },
      with_policy(overflow_policy::wait));
  ws_client client(handler.port());
  const auto result = handler.result();
  EXPECT_EQ(result.sent, 2U) << "with their frames three are more than the limit";
  EXPECT_EQ(result.dropped, 1U);
  EXPECT_EQ(read_all(client, 1000), (std::vector<std::size_t>{8, block_size, block_size}));
}

TEST(websocket_try_send, takes_text_and_binary_only) {
  one_handler<std::string> handler([](websocket& socket, http_context&) -> task<std::string> {
    try {
      socket.try_send({}, websocket_message_type::close);
    } catch (const std::invalid_argument& error) {
      co_return error.what();
    }
    co_return "nothing";
  });
  ws_client client(handler.port());
  EXPECT_EQ(handler.result(), "try_send takes text or binary messages.");
  EXPECT_THROW(websocket_prepared_message({}, websocket_message_type::close),
               std::invalid_argument);
}

}  // namespace
}  // namespace saker::testing
