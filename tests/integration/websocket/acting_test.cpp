// Coroutines that act: whoever a socket resumes may do anything to it at once, from within the very
// call that has resumed it.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include "support/ws_client.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

const std::string operations[] = {"receive", "send", "close"};
const std::string events[] = {"abort",        "abort_on_another_thread",
                              "close",        "close_output",
                              "destroy",      "destroy_on_another_thread",
                              "stop_request", "another_receive",
                              "a_message",    "a_fragment",
                              "the_Close",    "a_Close_behind_a_message",
                              "the_end",      "the_reset",
                              "an_error",     "a_ping",
                              "silence",      "the_server_stops"};
const std::string actions[] = {
    "send",    "try_send", "receive",           "close", "close_output", "abort",
    "destroy", "move",     "abort_and_destroy", "throw"};

using combination = std::tuple<std::string, std::string, std::string>;

std::string name_of(const ::testing::TestParamInfo<combination>& info) {
  const auto& [operation, event, action] = info.param;
  return operation + "_meets_" + event + "_and_acts_by_" + action;
}

/// The socket, as long as nobody has destroyed it, and those who use it.
struct scene {
  std::unique_ptr<websocket> socket;
  std::stop_source stop;
  std::string block;
  int users = 0;
  completion_source<> all_gone;

  void leave() {
    if (--users == 0) all_gone.set_value();
  }
};

/// Whatever comes of it: that is the lifecycle table's matter.
task<void> attempt(std::function<task<void>()> what) {
  try {
    co_await what();
  } catch (const std::exception&) {
    co_return;
  }
}

task<void> act(scene& here, const std::string& action) {
  if (!here.socket) co_return;
  if (action == "send") co_await here.socket->send("resumed");
  if (action == "try_send") here.socket->try_send("resumed");
  if (action == "receive") co_await here.socket->receive_message();
  if (action == "close") co_await here.socket->close();
  if (action == "close_output") co_await here.socket->close_output();
  if (action == "abort" || action == "abort_and_destroy") here.socket->abort();
  if (action == "destroy" || action == "abort_and_destroy") here.socket.reset();
  if (action == "move") websocket elsewhere = std::move(*std::exchange(here.socket, nullptr));
  if (action == "throw") throw std::runtime_error("as the test wants it");
}

task<void> operate(scene& here, const std::string& operation) {
  if (!here.socket) co_return;
  if (operation == "receive") co_await here.socket->receive_message(here.stop.get_token());
  if (operation == "send") co_await here.socket->send(here.block);
  if (operation == "close") co_await here.socket->close();
}

/// Waits for the operation and acts in the moment that it is resumed.
task<void> operate_and_act(std::shared_ptr<scene> here, std::string operation, std::string action) {
  co_await attempt([&] { return operate(*here, operation); });
  co_await attempt([&] { return act(*here, action); });
  here->leave();
}

task<void> happen(scene& here, const std::string& event) {
  if (!here.socket) co_return;
  if (event == "abort") here.socket->abort();
  if (event == "abort_on_another_thread") std::thread([&] { here.socket->abort(); }).join();
  if (event == "close") co_await here.socket->close();
  if (event == "close_output") co_await here.socket->close_output();
  if (event == "destroy") here.socket.reset();
  if (event == "destroy_on_another_thread")
    std::thread([socket = std::move(here.socket)] {}).join();
  if (event == "stop_request") here.stop.request_stop();
  if (event == "another_receive") co_await here.socket->receive_message();
}

class websocket_acting : public ::testing::TestWithParam<combination> {
 protected:
  task<void> serve(websocket accepted) {
    const auto& [operation, event, action] = GetParam();
    const auto here = std::make_shared<scene>();
    auto& loop = accepted.loop();
    // The peer takes that only when the test reads.
    here->block.assign(operation == "send" ? 30'000'000 : 1, 'x');
    here->socket = std::make_unique<websocket>(std::move(accepted));
    // Two of a kind where that may be, so that one acts while the other is in line to be resumed.
    here->users = operation == "receive" ? 1 : 2;
    for (int count = here->users; count > 0; --count)
      spawn(loop, operate_and_act(here, operation, action));
    completion_source<> begun;
    loop.post([&begun] { begun.set_value(); });
    co_await begun;
    pending_.set_value();
    co_await attempt([&] { return happen(*here, event); });
    co_await here->all_gone;
    gone_.set_value();
  }

  void do_as_the_client(const std::string& event) {
    const auto close_frame = client_frame{.opcode = 8, .payload = close_payload(1000)}.bytes();
    const auto message = client_frame{.opcode = 1, .payload = "x"}.bytes();
    auto& raw = client_.raw();
    if (event == "a_message") raw.send_all(message);
    if (event == "a_fragment")
      raw.send_all(client_frame{.opcode = 1, .payload = "x", .fin = false}.bytes());
    if (event == "the_Close") raw.send_all(close_frame);
    if (event == "a_Close_behind_a_message") raw.send_all(message + message + close_frame);
    if (event == "the_end") raw.half_close();
    if (event == "the_reset") raw.reset();
    if (event == "an_error") raw.send_all(client_frame{.opcode = 7}.bytes());
    if (event == "a_ping") raw.send_all(client_frame{.opcode = 9}.bytes());
    if (event == "the_server_stops") server_.app().stop();
  }

  std::promise<void> pending_;
  std::promise<void> gone_;
  test_server server_{[this](web_application& app) {
    websocket_options options;
    options.keep_alive_interval = options.keep_alive_timeout = 200ms;
    options.close_timeout = 100ms;
    options.send_timeout = 100ms;
    app.use_websockets(options);
    app.map_get("/ok", [](http_context& context) { return context.response().send("ok"); });
    app.map_websocket("/ws", [this](websocket socket) { return serve(std::move(socket)); });
  }};
  ws_client client_{server_.port()};
};

TEST_P(websocket_acting, leaves_the_server_alive_and_nobody_waiting) {
  const auto& event = std::get<1>(GetParam());
  ASSERT_EQ(pending_.get_future().wait_for(patience), std::future_status::ready);
  do_as_the_client(event);
  auto gone = gone_.get_future();
  // Nothing ends a receive of a peer that says nothing; its end does.
  if (gone.wait_for(300ms) != std::future_status::ready) client_.raw().close();
  ASSERT_EQ(gone.wait_for(patience), std::future_status::ready);
  if (event != "the_server_stops") {
    auto honest = raw_client::connect(server_.port());
    honest.send_all("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(honest.read_to_eof().ends_with("ok"));
  }
  client_.raw().close();
}

INSTANTIATE_TEST_SUITE_P(everywhere, websocket_acting,
                         ::testing::Combine(::testing::ValuesIn(operations),
                                            ::testing::ValuesIn(events),
                                            ::testing::ValuesIn(actions)),
                         name_of);

}  // namespace
}  // namespace saker::testing
