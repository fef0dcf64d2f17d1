// Hub messages in whatever pieces they arrive, in the WebSocket's frames and in the reads of the
// connection.

#include <gtest/gtest.h>

#include <saker/http/pipeline/middleware.hpp>
#include <saker/signalr/hub/hub_methods.hpp>
#include <saker/signalr/protocol/hub_protocol.hpp>
#include <saker/websocket/manager.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "signalr/hub/hub_endpoint.hpp"
#include "signalr/hub/local_hub_manager.hpp"
#include "support/lines_protocol.hpp"
#include "support/splitting.hpp"
#include "unit/signalr/protocol/message_values.hpp"

namespace saker::signalr {
namespace {

using testing::client_close;
using testing::client_frame;
using events = std::vector<std::string>;

events* seen = nullptr;

const auto lines = std::make_shared<const testing::lines_protocol>();

struct noting_hub : hub {
  task<void> on_connected() override {
    seen->emplace_back("connected");
    co_return;
  }
  task<void> on_disconnected(std::exception_ptr error) override {
    seen->emplace_back(error ? "failed" : "disconnected");
    co_return;
  }
  task<std::string> echo(std::string text) {
    seen->push_back("echo " + text);
    co_return text;
  }
  task<int> add(int a, int b) {
    seen->push_back("add " + std::to_string(a) + ' ' + std::to_string(b));
    co_return a + b;
  }
  async_generator<int> count(int to) {
    for (int i = 0; i < to; ++i) co_yield i;
  }
  task<std::string> concat(stream_reader<std::string> words) {
    std::string all;
    for (;;) {
      auto reading = words.read();
      const auto word = co_await reading;
      if (!word) break;
      all += *word;
    }
    seen->push_back("concat " + all);
    co_return all;
  }
  static void define(hub_methods<noting_hub>& methods) {
    methods.add("Echo", &noting_hub::echo)
        .add("Add", &noting_hub::add)
        .add("Count", &noting_hub::count)
        .add("Concat", &noting_hub::concat);
  }
};

/// What the handlers saw, and what the client was told, sorted: calls run beside each other.
struct result {
  events noted;
  events told;
  bool operator==(const result&) const = default;
};

std::ostream& operator<<(std::ostream& out, const result& each) {
  for (const auto& event : each.noted) out << "noted " << event << '\n';
  for (const auto& message : each.told) out << "told  " << message << '\n';
  return out;
}

/// The payloads of the server's frames, joined; and its Close as the last one.
std::string payloads(std::string_view sent) {
  std::string all;
  sent.remove_prefix(std::min(sent.find("\r\n\r\n") + 4, sent.size()));
  while (sent.size() >= 2) {
    const auto byte = [&](std::size_t at) -> std::size_t {
      return static_cast<unsigned char>(sent[at]);
    };
    const bool is_long = byte(1) == 126;
    const auto size = is_long ? byte(2) << 8U | byte(3) : byte(1);
    const auto payload = sent.substr(is_long ? 4 : 2, size);
    if (byte(0) == 0x88) return all + "[close " + std::to_string(payload.size()) + ']';
    all += payload;
    sent.remove_prefix(std::min(sent.size(), (is_long ? 4U : 2U) + size));
  }
  return all;
}

events messages(std::string_view bytes, const hub_protocol& protocol) {
  events all;
  const auto handshake_end = std::min(bytes.find('\x1e'), bytes.size() - 1) + 1;
  all.emplace_back(bytes.substr(0, handshake_end));
  bytes.remove_prefix(handshake_end);
  while (const auto frame = protocol.next_frame(bytes, 0)) {
    all.emplace_back(frame->payload);
    bytes.remove_prefix(frame->size);
  }
  all.emplace_back(bytes);
  std::sort(all.begin(), all.end());
  return all;
}

result play(std::string_view text, const std::vector<std::size_t>& cuts,
            const hub_protocol& protocol) {
  result come_to;
  seen = &come_to.noted;
  hub_endpoint_options options;
  options.hub.maximum_receive_message_size = 2'000;
  options.hub.add_protocol(lines);
  hub_endpoint endpoint(define_hub<noting_hub>(), options,
                        std::make_shared<local_hub_manager>(options));
  application_builder builder;
  builder.use(websockets_middleware({}));
  builder.run([&](http_context& context) { return endpoint.answer(context); });
  http::connection_options server;
  server.application = builder.build();
  testing::conversation spoken(std::move(server));
  testing::hold_in_pieces(spoken, text, cuts);
  spoken.turns(5);
  // Only the end has its place.
  if (!come_to.noted.empty()) std::sort(come_to.noted.begin(), come_to.noted.end() - 1);
  come_to.told = messages(payloads(spoken.received()), protocol);
  return come_to;
}

hub_message call(message_type type, std::string id, std::string target, const json& arguments,
                 std::vector<std::string> streams = {}) {
  hub_message made{.type = type, .invocation_id = std::move(id), .target = std::move(target)};
  made.value = value(arguments);
  made.stream_ids = std::move(streams);
  return made;
}

/// Each as a message of the WebSocket of its own.
std::string framed(const hub_protocol& protocol, const std::vector<hub_message>& sent) {
  const unsigned first_byte = protocol.format() == transfer_format::text ? 0x81 : 0x82;
  std::string all;
  for (const auto& each : sent) all += client_frame(first_byte, written(protocol, each));
  return all;
}

std::string opening(const hub_protocol& protocol) {
  return testing::websocket_request("/hub") +
         client_frame(0x81, R"({"protocol":")" + std::string(protocol.name()) +
                                R"(","version":1})"
                                "\x1e");
}

std::vector<hub_message> conversation() {
  return {call(message_type::invocation, "1", "Echo", json::array({"h\xc3\xa4h"})),
          call(message_type::stream_invocation, "2", "Count", json::array({3})),
          call(message_type::invocation, "3", "Concat", json::array(), {"s"}),
          {.type = message_type::stream_item, .invocation_id = "s", .value = R"("one")"},
          {.type = message_type::ping},
          {.type = message_type::stream_item, .invocation_id = "s", .value = R"("two")"},
          call(message_type::invocation, "4", "Missing", json::array()),
          call(message_type::invocation, "5", "Add", json::array({"one", 2})),
          {.type = message_type::completion, .invocation_id = "s"},
          call(message_type::invocation, "", "Echo", json::array({std::string(400, 'x')}))};
}

class split_hub : public ::testing::TestWithParam<const hub_protocol*> {
 protected:
  const hub_protocol& protocol() const { return *GetParam(); }
  void expect_same(const std::string& text, const char* name) {
    testing::expect_same_however_split(
        text, name, [this](std::string_view all, const std::vector<std::size_t>& cuts) {
          return play(all, cuts, protocol());
        });
  }
};

TEST_P(split_hub, means_something) {
  const auto come_to =
      play(opening(protocol()) + framed(protocol(), conversation()), {}, protocol());
  EXPECT_EQ(come_to.noted, (events{"concat onetwo", "connected", "echo h\xc3\xa4h",
                                   "echo " + std::string(400, 'x'), "disconnected"}));
  const auto told = [&](const hub_message& message) {
    const auto bytes = written(protocol(), message);
    return std::count(come_to.told.begin(), come_to.told.end(),
                      protocol().next_frame(bytes, 0)->payload);
  };
  EXPECT_EQ(told({.type = message_type::completion,
                  .invocation_id = "3",
                  .value = R"("onetwo")",
                  .has_result = true}),
            1);
  EXPECT_EQ(told({.type = message_type::stream_item, .invocation_id = "2", .value = "2"}), 1);
}

TEST_P(split_hub, messages_of_their_own) {
  expect_same(opening(protocol()) + framed(protocol(), conversation()), "messages");
}

TEST_P(split_hub, ends_behind_messages) {
  const auto before =
      opening(protocol()) +
      framed(protocol(), {call(message_type::invocation, "1", "Echo", json::array({"one"})),
                          call(message_type::invocation, "2", "Add", json::array({1, 2}))});
  expect_same(before + client_close(1000, ""), "the WebSocket's Close");
  expect_same(before + framed(protocol(), {{.type = message_type::close}}), "the hub's Close");
}

TEST_P(split_hub, messages_that_are_not_those_of_the_websocket) {
  const unsigned code = protocol().format() == transfer_format::text ? 1 : 2;
  std::string all;
  for (const auto& each : conversation()) all += written(protocol(), each);
  std::string frames = client_frame(code, all.substr(0, 3));
  constexpr std::size_t piece = 37;
  for (std::size_t at = 3; at < all.size(); at += piece) {
    frames += client_frame(0, all.substr(at, piece));
  }
  expect_same(opening(protocol()) + frames + client_frame(0x80, ""), "fragments");
}

TEST_P(split_hub, faults_behind_messages) {
  const auto before =
      opening(protocol()) +
      framed(protocol(), {call(message_type::invocation, "1", "Echo", json::array({"before"}))});
  const unsigned first_byte = protocol().format() == transfer_format::text ? 0x81 : 0x82;
  const auto end = written(protocol(), {}).substr(written(protocol(), {}).size() - 1);
  expect_same(before + client_frame(first_byte, protocol().format() == transfer_format::text
                                                    ? "{no json}" + end
                                                    : std::string("\x02\xc1\xc1")),
              "no message");
  expect_same(before + framed(protocol(), {call(message_type::invocation, "2", "Echo",
                                                json::array({std::string(3'000, 'x')}))}),
              "a message that is too large");
}

TEST_P(split_hub, a_handshake_that_fails) {
  expect_same(testing::websocket_request("/hub") +
                  client_frame(0x81, "{\"protocol\":\"other\",\"version\":1}\x1e"),
              "an unknown protocol");
}

INSTANTIATE_TEST_SUITE_P(protocols, split_hub,
                         ::testing::Values(&json_protocol(), &messagepack_protocol(), lines.get()),
                         [](const auto& each) { return std::string(each.param->name()); });

}  // namespace
}  // namespace saker::signalr
