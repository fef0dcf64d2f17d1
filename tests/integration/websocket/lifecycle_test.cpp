// What an application sees of a socket: handshake, states, cancellation, threads, the end.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "support/ws_client.hpp"
#include "websocket/echo_server.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

TEST(websocket_states, follow_the_closing_handshake) {
  one_handler<std::string> handler([](websocket& socket, http_context&) -> task<std::string> {
    std::string states(to_string(socket.state()));
    co_await socket.close_output(websocket_close_status::normal_closure, "bye");
    states += " " + std::string(to_string(socket.state()));
    states += " " + co_await failure_of([&] { return socket.send("late"); });
    const auto message = co_await socket.receive_message();
    states += message.is_close() ? " close " : " data ";
    states += std::string(to_string(socket.state()));
    states += " " + co_await failure_of([&] { return socket.receive_message(); });
    co_return states;
  });
  ws_client client(handler.port());
  EXPECT_EQ(client.read_frame().payload, close_payload(1000, "bye"));
  client.send({.opcode = 8, .payload = close_payload(1000)});
  EXPECT_EQ(
      handler.result(),
      "open close_sent The state of the WebSocket does not allow this operation: it is close_sent, "
      "and must be open or close_received. close closed The state of the WebSocket does not "
      "allow this operation: it is closed, and must be open or close_sent.");
}

TEST(websocket_states, sending_goes_on_after_the_peers_close) {
  one_handler<std::string> handler([](websocket& socket, http_context&) -> task<std::string> {
    const auto message = co_await socket.receive_message();
    const std::string state(to_string(socket.state()));
    co_await socket.send("still here");
    co_await socket.close(websocket_close_status::normal_closure, "done");
    co_return state + (message.is_close() ? " close " : " data ") +
        std::to_string(static_cast<int>(*socket.close_status())) +
        socket.close_status_description();
  });
  ws_client client(handler.port());
  client.send({.opcode = 8, .payload = close_payload(4001, "mine")});
  EXPECT_EQ(client.read_frame().payload, "still here");
  EXPECT_EQ(client.read_frame().payload, close_payload(1000, "done"));
  EXPECT_EQ(handler.result(), "close_received close 4001mine");
}

TEST(websocket_messages, are_sent_back_as_they_came) {
  one_handler<std::string> handler([](websocket& socket, http_context&) -> task<std::string> {
    const auto text = co_await socket.receive_message();
    co_await socket.send(text);
    co_await socket.send(co_await socket.receive_message());
    auto message = co_await socket.receive_message();
    auto sending = socket.send(std::move(message));
    message = websocket_message();
    co_await sending;
    co_return co_await failure_of([&] { return socket.send(websocket_message()); });
  });
  ws_client client(handler.port());
  for (const unsigned opcode : {1U, 2U, 2U}) {
    const std::string payload = "of opcode " + std::to_string(opcode);
    client.send({.opcode = opcode, .payload = payload});
    const auto frame = client.read_frame();
    EXPECT_EQ(frame.opcode, opcode);
    EXPECT_EQ(frame.payload, payload);
  }
  EXPECT_TRUE(handler.result().starts_with("send takes text or binary messages"));
}

TEST(websocket_arguments, are_checked) {
  one_handler<std::vector<std::string>> handler(
      [](websocket& socket, http_context&) -> task<std::vector<std::string>> {
        std::vector<std::string> texts;
        const auto status = [](int code) { return static_cast<websocket_close_status>(code); };
        texts.push_back(co_await failure_of([&] { return socket.close(status(999)); }));
        texts.push_back(co_await failure_of([&] { return socket.close(status(1006)); }));
        texts.push_back(co_await failure_of([&] { return socket.close(status(1005), "x"); }));
        const std::string long_text(124, 'x');
        texts.push_back(co_await failure_of([&] { return socket.close(status(1000), long_text); }));
        texts.push_back(
            co_await failure_of([&] { return socket.send({}, websocket_message_type::close); }));
        co_await socket.send("fine");
        co_return texts;
      });
  ws_client client(handler.port());
  EXPECT_EQ(client.read_frame().payload, "fine");
  const auto texts = handler.result();
  EXPECT_EQ(texts[0], "The close status code '999' must not be sent.");
  EXPECT_EQ(texts[1], "The close status code '1006' must not be sent.");
  EXPECT_NE(texts[2].find("must be empty"), std::string::npos) << texts[2];
  EXPECT_NE(texts[3].find("must not be longer than 123 bytes"), std::string::npos) << texts[3];
  EXPECT_TRUE(texts[4].starts_with("send takes text or binary messages")) << texts[4];
}

TEST(websocket_receive, fills_the_buffer_or_ends_with_the_frame) {
  one_handler<std::string> handler([](websocket& socket, http_context&) -> task<std::string> {
    std::array<std::byte, 4> buffer;
    std::string seen;
    for (int i = 0; i < 5; ++i) {
      const auto part = i == 2 ? std::span<std::byte>() : std::span<std::byte>(buffer);
      const auto got = co_await socket.receive(part);
      seen += std::to_string(got.count) + (got.end_of_message ? "! " : " ");
    }
    co_return seen;
  });
  ws_client client(handler.port());
  client.send({.opcode = 2, .payload = "abcdef", .fin = false});
  client.send({.opcode = 0, .payload = "ghijk"});
  EXPECT_EQ(handler.result(), "4 2 0 4 1! ");
}

TEST(websocket_receive, can_be_canceled_without_losing_anything) {
  std::promise<void> first_half_arrived;
  std::stop_source stop;
  one_handler<std::string> handler([&](websocket& socket, http_context&) -> task<std::string> {
    auto text = co_await failure_of([&] { return socket.receive_message(stop.get_token()); });
    co_await socket.send("canceled");
    const auto message = co_await socket.receive_message();
    co_return std::string(message.text()) + (text.empty() ? "?" : "");
  });
  ws_client client(handler.port());
  client.send({.opcode = 1, .payload = "first ", .fin = false});
  client.send({.opcode = 9, .payload = "in order"});
  EXPECT_EQ(client.read_frame().payload, "in order");  // So the fragment has arrived.
  stop.request_stop();
  EXPECT_EQ(client.read_frame().payload, "canceled");
  client.send({.opcode = 0, .payload = "second"});
  EXPECT_EQ(handler.result(), "first second");
}

TEST(websocket_receive, allows_only_one_at_a_time) {
  one_handler<std::string> handler(
      [](websocket& socket, http_context& context) -> task<std::string> {
        std::string text;
        const auto second = [](websocket& on, std::string& into) -> task<void> {
          into = co_await failure_of([&] { return on.receive_message(); });
          co_await on.send("tried");
        };
        spawn(context.loop(), second(socket, text));
        co_await socket.receive_message();
        co_return text;
      });
  ws_client client(handler.port());
  EXPECT_EQ(client.read_frame().payload, "tried");
  client.send({.opcode = 1, .payload = "go"});
  EXPECT_EQ(handler.result(), "There is already a pending receive on this WebSocket.");
}

TEST(websocket_receive, refuses_messages_that_are_too_big) {
  const auto receive = [](websocket& socket, http_context&) -> task<std::string> {
    return failure_of([&] { return socket.receive_message(); });
  };
  websocket_options options;
  options.max_message_size = 1000;
  for (const auto& frames : std::vector<std::vector<client_frame>>{
           {{.opcode = 2, .payload = "", .announced = 1001}},
           {{.opcode = 2, .payload = "", .announced = std::int64_t{1} << 62}},
           {{.opcode = 2, .payload = std::string(600, 'x'), .fin = false},
            {.opcode = 0, .payload = std::string(401, 'x')}}}) {
    one_handler<std::string> handler(receive, options);
    ws_client client(handler.port());
    for (const auto& frame : frames) client.send(frame);
    client.expect_close(1009);
    EXPECT_NE(handler.result().find("max_message_size"), std::string::npos);
  }
}

TEST(websocket_end, is_told_when_the_peer_vanishes) {
  for (const bool reset : {false, true}) {
    std::promise<void> aborted;
    one_handler<std::string> handler(
        [&](websocket& socket, http_context& context) -> task<std::string> {
          const std::stop_callback signal(context.request_aborted(), [&] { aborted.set_value(); });
          co_await socket.send("ready");
          co_return co_await failure_of([&] { return socket.receive_message(); });
        });
    ws_client client(handler.port());
    client.read_frame();
    reset ? client.raw().reset() : client.raw().close();
    EXPECT_EQ(handler.result(),
              "The remote party closed the WebSocket connection without completing the close "
              "handshake.");
    EXPECT_EQ(aborted.get_future().wait_for(patience), std::future_status::ready);
  }
}

TEST(websocket_end, abort_from_another_thread_ends_a_receive) {
  std::promise<websocket*> waiting;
  one_handler<std::string> handler([&](websocket& socket, http_context&) -> task<std::string> {
    waiting.set_value(&socket);
    co_return co_await failure_of([&] { return socket.receive_message(); });
  });
  ws_client client(handler.port());
  waiting.get_future().get()->abort();
  EXPECT_EQ(client.raw().read_to_eof(), "");
  EXPECT_EQ(handler.result(), "Operation canceled");
}

TEST(websocket_end, follows_the_handler) {
  test_server server([](web_application& app) {
    app.map_websocket("/returns",
                      [](websocket socket) -> task<void> { co_await socket.send("x"); });
    app.map_websocket("/throws", [](websocket socket) -> task<void> {
      co_await socket.send("x");
      throw std::runtime_error("broken");
    });
  });
  ws_client returned(server.port(), "/returns");
  EXPECT_EQ(returned.read_frame().payload, "x");
  EXPECT_EQ(returned.read_frame().payload, close_payload(1000));
  returned.send({.opcode = 8, .payload = close_payload(1000)});
  EXPECT_EQ(returned.raw().read_to_eof(), "");
  ws_client thrown(server.port(), "/throws");
  EXPECT_EQ(thrown.read_frame().payload, "x");
  EXPECT_EQ(thrown.read_frame().payload, close_payload(1011));
}

TEST(websocket_end, destroying_the_handle_aborts) {
  std::promise<void> go_on;
  one_handler<std::string> handler(
      [](websocket& socket, http_context& context) -> task<std::string> {
        std::promise<void> gone;
        completion_source<> aborted;
        const std::stop_callback signal(context.request_aborted(),
                                        [aborted]() mutable { aborted.set_value(); });
        {
          const auto taken = std::move(socket);
        }
        co_await aborted;
        co_return "aborted";
      });
  ws_client client(handler.port());
  EXPECT_EQ(client.raw().read_to_eof(), "");
  EXPECT_EQ(handler.result(), "aborted");
}

TEST(websocket_end, close_gives_up_on_a_silent_peer) {
  websocket_options options;
  options.close_timeout = 200ms;
  one_handler<std::string> handler(
      [](websocket& socket, http_context&) -> task<std::string> {
        auto text = co_await failure_of([&] { return socket.close(); });
        co_return std::string(to_string(socket.state()));
      },
      options);
  ws_client client(handler.port());
  EXPECT_EQ(client.read_frame().payload, close_payload(1000));
  EXPECT_EQ(handler.result(), "aborted");
}

// What the closing handshake discards is not checked either: a text may be cut anywhere.
TEST(websocket_end, a_text_that_is_discarded_in_the_middle_is_no_fault) {
  one_handler<std::string> handler([](websocket& socket, http_context&) -> task<std::string> {
    std::array<std::byte, 16> buffer;
    const auto part = co_await socket.receive(buffer);
    const auto failure = co_await failure_of([&] { return socket.close(); });
    co_return std::to_string(part.count) + " " + failure + " " +
        std::string(to_string(socket.state()));
  });
  ws_client client(handler.port());
  client.send({.opcode = 1, .payload = "caf\xC3", .fin = false});
  EXPECT_EQ(client.read_frame().payload, close_payload(1000));
  client.send({.opcode = 0, .payload = "\xA9 au lait"});
  client.send({.opcode = 8, .payload = close_payload(1000)});
  EXPECT_EQ(handler.result(), "4 nothing closed");
}

task<void> close_and_tell(websocket& socket, completion_source<std::string> told) {
  const auto failure = co_await failure_of([&] { return socket.close(); });
  told.set_value(failure);
}

// Of a message whose beginning was discarded nothing is received: neither its tail as a message,
// nor what nobody could check.
TEST(websocket_end, a_receive_during_the_closing_handshake_begins_with_the_next_message) {
  std::promise<void> receiving;
  web_application* app = nullptr;
  std::promise<std::string> result;
  test_server server([&](web_application& made) {
    app = &made;
    made.map_websocket("/ws", [&](websocket& socket) -> task<void> {
      std::array<std::byte, 16> buffer;
      co_await socket.receive(buffer);
      const completion_source<std::string> told;
      spawn(socket.loop(), close_and_tell(socket, told));
      while (app->websocket_metrics().frames_received < 2) co_await delay(1ms);
      receiving.set_value();
      const auto message = co_await socket.receive_message();
      const auto end = co_await socket.receive_message();
      result.set_value(std::string(message.text()) + (end.is_close() ? " close " : " data ") +
                       co_await told);
    });
  });
  ws_client client(server.port());
  client.send({.opcode = 1, .payload = "caf\xC3", .fin = false});
  EXPECT_EQ(client.read_frame().payload, close_payload(1000));
  client.send({.opcode = 0, .payload = "\xA9 au", .fin = false});
  receiving.get_future().wait();
  client.send({.opcode = 0, .payload = "\xFF lait"});
  client.send({.opcode = 1, .payload = "next"});
  client.send({.opcode = 8, .payload = close_payload(1000)});
  EXPECT_EQ(result.get_future().get(), "next close nothing");
}

TEST(websocket_ownership, a_socket_outlives_its_handler_on_another_thread) {
  event_loop background;
  std::jthread thread([&] { background.run(); });
  {
    test_server server([&](web_application& app) {
      app.map_websocket("/ws", [&](websocket socket) -> task<void> {
        const auto process = [](websocket owned) -> task<void> { co_await echo_messages(owned); };
        spawn(background, process(std::move(socket)));
        co_return;
      });
    });
    ws_client client(server.port());
    for (int i = 0; i < 20; ++i) {
      client.send({.opcode = 1, .payload = std::to_string(i)});
      EXPECT_EQ(client.read_frame().payload, std::to_string(i));
    }
    client.close();
  }
  background.stop();
}

TEST(websocket_send, keeps_messages_of_many_threads_whole_and_in_order) {
  constexpr int senders = 8;
  constexpr int each = 200;
  std::promise<websocket*> opened;
  completion_source<> finished;
  test_server server([&](web_application& app) {
    app.map_websocket("/ws", [&](websocket socket) -> task<void> {
      opened.set_value(&socket);
      co_await finished;
    });
  });
  ws_client client(server.port());
  auto* const socket = opened.get_future().get();
  std::vector<std::jthread> threads;
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([socket, sender] {
      const auto work = [](websocket& on, int number) -> task<void> {
        for (int i = 0; i < each; ++i) {
          const auto text = std::to_string(number) + ":" + std::to_string(i) + ":" +
                            std::string(static_cast<std::size_t>(i * 13 % 3000), 'x');
          co_await on.send(text);
        }
      };
      sync_wait(work(*socket, sender));
    });
  }
  std::map<int, int> next;
  for (int i = 0; i < senders * each; ++i) {
    const auto message = client.read_message();
    const int sender = std::stoi(message.payload);
    const int number = std::stoi(message.payload.substr(message.payload.find(':') + 1));
    ASSERT_EQ(number, next[sender]++);
    const auto size = message.payload.size() - message.payload.rfind(':') - 1;
    ASSERT_EQ(size, static_cast<std::size_t>(number * 13 % 3000));
  }
  threads.clear();
  finished.set_value();
}

TEST(websocket_send, waits_for_a_peer_that_does_not_read) {
  std::atomic<int> sent = 0;
  completion_source<> all_sent;
  constexpr int messages = 200;
  test_server server([&](web_application& app) {
    app.map_websocket("/ws", [&](websocket socket) -> task<void> {
      const std::string large(100'000, 'x');
      for (int i = 0; i < messages; ++i) {
        co_await socket.send(large);
        ++sent;
      }
      all_sent.set_value();
      co_await socket.receive_message();
    });
  });
  ws_client client(server.port());
  // Twenty megabytes do not fit between the two: the handler is held back until they are read.
  EXPECT_TRUE(client.raw().read_exactly(1).size() == 1);
  EXPECT_LT(sent.load(), messages);
  std::size_t rest = static_cast<std::size_t>(messages) * (100'000 + 10) - 1;
  while (rest > 0) {
    const auto part = client.raw().read_exactly(std::min<std::size_t>(rest, 65536));
    rest -= part.size();
  }
  const auto wait = [](completion_source<> done) -> task<void> { co_await done; };
  sync_wait(wait(all_sent));
  EXPECT_EQ(sent.load(), messages);
}

TEST(websocket_send, fragments_are_continuations) {
  one_handler<int> handler([](websocket& socket, http_context&) -> task<int> {
    const auto part = std::as_bytes(std::span("ab", 2));
    co_await socket.send(part, websocket_message_type::text, false);
    co_await socket.send(part, websocket_message_type::binary, false);
    co_await socket.send({}, websocket_message_type::text, true);
    co_return 0;
  });
  ws_client client(handler.port());
  for (const unsigned opcode : {1U, 0U, 0U}) {
    const auto frame = client.read_frame();
    EXPECT_EQ(frame.opcode, opcode);
  }
}

TEST(websocket_control, is_handled_while_the_application_does_not_receive) {
  completion_source<> go_on;
  test_server server([&](web_application& app) {
    app.map_websocket("/ws", [&](websocket socket) -> task<void> {
      co_await go_on;
      co_await echo_messages(socket);
    });
  });
  ws_client client(server.port());
  client.send({.opcode = 1, .payload = "read ahead"});
  client.send({.opcode = 9, .payload = "still there?"});
  const auto pong = client.read_frame();
  EXPECT_EQ(pong.opcode, 10U);
  EXPECT_EQ(pong.payload, "still there?");
  go_on.set_value();
  EXPECT_EQ(client.read_frame().payload, "read ahead");
  client.close();
}

}  // namespace
}  // namespace saker::testing
