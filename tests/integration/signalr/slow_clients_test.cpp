// Clients that take what they are sent, slowly or not at all: who waits for them, and how they end.

#include <gtest/gtest.h>

#include <saker/signalr.hpp>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "signalr/hub_client.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;
namespace signalr = saker::signalr;

constexpr char separator = '\x1e';

struct events {
  std::counting_semaphore<> entered{0};
  std::counting_semaphore<> left{0};
  completion_source<> go_on;
  std::weak_ptr<int> kept;  ///< With the connection that was told to.
  int burst_at_entry = 0;   ///< So many messages, of 1,000 bytes, on_connected sends.
};

class busy_hub : public signalr::hub {
 public:
  explicit busy_hub(std::shared_ptr<events> seen) : seen_(std::move(seen)) {}

  int add(int left, int right) { return left + right; }
  /// Has the loop for itself.
  void occupy(int milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  }
  task<void> burst(int count, int size) {
    for (int i = 0; i < count; ++i) {
      auto sending = clients().caller().send("Note", i, text(size));
      co_await sending;
    }
  }
  void flood(int count, int size) {
    for (int i = 0; i < count; ++i) clients().caller().send("Note", i, text(size));
  }
  /// Awaits sends to everybody.
  task<void> tell_all(int count, int size) {
    for (int i = 0; i < count; ++i) {
      auto sending = clients().all().send("Note", i, text(size));
      co_await sending;
    }
  }
  std::string big(int size) { return text(size); }
  async_generator<int> count(int until) {
    for (int i = 0; i < until; ++i) {
      auto pause = delay(10ms);
      co_await pause;
      co_yield i;
    }
  }
  void abort() {
    clients().caller().send("Note", "before");
    context().abort();
    clients().caller().send("Note", "behind");
    clients().all().send("Note", "behind");
  }
  task<void> wait() {
    seen_->entered.release();
    const auto source = seen_->go_on;
    co_await source;
  }
  void keep() {
    auto kept = std::make_shared<int>(0);
    seen_->kept = kept;
    context().items()["kept"] = kept;
  }
  task<void> on_connected() override { return burst(seen_->burst_at_entry, 1000); }
  task<void> on_disconnected(std::exception_ptr) override {
    seen_->left.release();
    return {};
  }

  static void define(signalr::hub_methods<busy_hub>& methods) {
    methods.add("Add", &busy_hub::add)
        .add("Occupy", &busy_hub::occupy)
        .add("Burst", &busy_hub::burst)
        .add("Flood", &busy_hub::flood)
        .add("TellAll", &busy_hub::tell_all)
        .add("Big", &busy_hub::big)
        .add("Count", &busy_hub::count)
        .add("Abort", &busy_hub::abort)
        .add("Wait", &busy_hub::wait)
        .add("Keep", &busy_hub::keep);
  }

 private:
  static std::string text(int size) { return std::string(static_cast<std::size_t>(size), 'x'); }

  std::shared_ptr<events> seen_;
};

class signalr_slowness : public ::testing::Test {
 protected:
  using configuration = std::function<void(signalr::hub_endpoint_options&)>;

  test_server::configuration serving(const configuration& configure = [](auto&) {}) {
    return [this, configure](web_application& app) {
      app.add(signalr::map_hub<busy_hub>(
          "/hub",
          [configure](signalr::hub_endpoint_options& options) {
            options.connection.websocket_close_timeout = 1s;
            options.connection.allow_stateful_reconnects = true;
            configure(options);
          },
          seen));
    };
  }

  std::shared_ptr<events> seen = std::make_shared<events>();
};

std::string ask(std::uint16_t port, const std::string& method, const std::string& target,
                const std::string& body = {}) {
  auto client = raw_client::connect(port);
  client.send_all(method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                  "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  return client.read_to_eof();
}

std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

std::string negotiate(const test_server& server, std::string_view query = {}) {
  const auto answer =
      ask(server.port(), "POST", "/hub/negotiate?negotiateVersion=1" + std::string(query));
  return signalr::json::parse(body_of(answer)).at("connectionToken").get<std::string>();
}

/// A connection with stateful reconnect, which may be opened again.
hub_client open_stateful(const test_server& server, const std::string& token) {
  return hub_client(server.port(), "/hub?id=" + token, R"({"protocol":"json","version":2})");
}
/// The next message but for Acks, which come once a second.
std::string read(hub_client& client) {
  for (;;) {
    auto message = client.read();
    if (!message.starts_with(R"({"type":8)")) return message;
  }
}

std::string stateful_token(const test_server& server) {
  return negotiate(server, "&useStatefulReconnect=true");
}

const std::string json_handshake = R"({"protocol":"json","version":1})" + std::string(1, separator);

std::string invocation(std::string_view id, std::string_view target, std::string_view arguments) {
  return R"({"type":1,"invocationId":")" + std::string(id) + R"(","target":")" +
         std::string(target) + R"(","arguments":[)" + std::string(arguments) + "]}" + separator;
}

void expect_notes(hub_client& client, int count) {
  for (int i = 0; i < count; ++i) {
    ASSERT_EQ(signalr::json::parse(client.read()).at("arguments").at(0), i);
  }
}

// Who awaits waits.

TEST_F(signalr_slowness, an_awaited_burst_waits_for_the_client_and_comes_before_the_completion) {
  test_server server(serving());
  hub_client client(server.port());
  client.invoke("end", "Burst", "60,600000");  // Four times send_buffer_limit.
  expect_notes(client, 60);
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"end","result":null})");
}

TEST_F(signalr_slowness, what_is_not_awaited_queues_as_far_as_the_header_says) {
  test_server server(serving());
  for (const auto* burst : {"20000,200", "30,50000"}) {
    hub_client client(server.port());
    client.invoke("end", "Flood", burst);
    expect_notes(client, std::stoi(burst));
    EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"end","result":null})");
  }
}

TEST_F(signalr_slowness, a_client_that_does_not_read_hardly_delays_who_awaits_sends_to_all) {
  test_server server(serving());
  auto silent = raw_client::connect_with_small_buffer(server.port());
  silent.send_all(handshake_request("/hub"));
  silent.read_until("\r\n\r\n");
  silent.send_all(client_frame{.payload = json_handshake}.bytes());
  silent.read_until("{}\x1e");
  hub_client client(server.port());
  // Far more than is kept for the silent one, which never takes anything.
  client.invoke("end", "TellAll", "1000,20000");
  expect_notes(client, 1000);
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"end","result":null})");
}

// Who is cut off.

TEST_F(signalr_slowness, who_is_cut_off_is_told_why_behind_all_that_it_gets) {
  test_server server(serving([](auto& options) {
    options.connection.websocket_close_timeout = 5s;
    options.connection.send_buffer_limit = 256 * 1024;
    options.connection.process_send_buffer_limit = 256 * 1024;
  }));
  hub_client client(server.port());
  client.invoke("end", "Flood", "2000,8000");
  int notes = 0;
  std::string last;
  for (;;) {
    last = client.read();
    if (last.find("\"Note\"") == std::string::npos) break;
    ASSERT_EQ(signalr::json::parse(last).at("arguments").at(0), notes++);
  }
  EXPECT_LT(notes, 2000);
  EXPECT_EQ(last,
            R"({"type":7,"error":"Connection closed with an error. HubException: The client does )"
            R"(not take what it is sent: send_buffer_limit is reached.","allowReconnect":true})");
  client.socket().expect_close(1000);
  EXPECT_TRUE(seen->left.try_acquire_for(patience));
}

TEST_F(signalr_slowness, one_line_says_who_is_cut_off) {
  ::testing::internal::CaptureStdout();
  {
    test_server server([&](web_application& app) {
      app.set_log_level("warning");
      serving([](auto& options) { options.connection.send_buffer_limit = 64 * 1024; })(app);
    });
    hub_client client(server.port());
    client.invoke("end", "Flood", "2000,8000");
    EXPECT_TRUE(seen->left.try_acquire_for(patience));
  }
  const auto log = ::testing::internal::GetCapturedStdout();
  const std::string line = "is cut off: The client does not take what it is sent";
  ASSERT_NE(log.find(line), std::string::npos) << log;
  EXPECT_EQ(log.find(line), log.rfind(line)) << log;
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
}

TEST_F(signalr_slowness, nothing_comes_behind_a_gap_over_long_polling) {
  test_server server(serving([](auto& options) {
    options.connection.send_buffer_limit = 64 * 1024;
    options.hub.client_timeout_interval = 3s;
  }));
  const auto id = negotiate(server);
  ask(server.port(), "GET", "/hub?id=" + id);
  ask(server.port(), "POST", "/hub?id=" + id, json_handshake);
  EXPECT_EQ(body_of(ask(server.port(), "GET", "/hub?id=" + id)), "{}\x1e");
  ask(server.port(), "POST", "/hub?id=" + id, invocation("end", "Flood", "20,8000"));
  EXPECT_TRUE(seen->left.try_acquire_for(patience));
  // It comes late: one that is silent shows that a WebSocket would have been given up.
  hub_client silent(server.port());
  silent.send(R"({"type":6})");
  EXPECT_TRUE(silent.read().starts_with(R"({"type":7,"error")"));
  const auto body = body_of(ask(server.port(), "GET", "/hub?id=" + id));
  EXPECT_TRUE(body.starts_with(R"({"type":7,"error":)")) << body.substr(0, 100);
  EXPECT_EQ(body.find(separator), body.size() - 1);
  EXPECT_TRUE(ask(server.port(), "GET", "/hub?id=" + id).starts_with("HTTP/1.1 204"));
}

TEST_F(signalr_slowness, a_client_that_acknowledges_nothing_is_cut_off) {
  test_server server(serving([](auto& options) {
    options.hub.client_timeout_interval = 1s;
    options.hub.stateful_reconnect_buffer_size = 1000;
  }));
  auto client = open_stateful(server, stateful_token(server));
  client.invoke("end", "Burst", "100,1000");
  EXPECT_TRUE(seen->left.try_acquire_for(patience));
  std::string last;
  do {
    last = read(client);
  } while (last.find("\"type\":7") == std::string::npos);
  EXPECT_NE(last.find("The client has acknowledged nothing"), std::string::npos) << last;
}

TEST_F(signalr_slowness, nothing_that_is_sent_after_an_abort_arrives) {
  test_server server(serving());
  hub_client client(server.port());
  client.invoke("1", "Abort", "");
  EXPECT_EQ(client.read(), R"({"type":1,"target":"Note","arguments":["before"]})");
  EXPECT_EQ(client.read(), R"({"type":7})");
  client.socket().expect_close(1000);
}

// Whoever is not read is not silent.

TEST_F(signalr_slowness, the_time_in_which_the_server_does_not_read_is_no_silence_of_the_client) {
  test_server server(serving([](auto& options) { options.hub.client_timeout_interval = 2s; }));
  hub_client client(server.port());
  client.send(R"({"type":6})");
  client.invoke("1", "Wait", "");
  client.invoke("2", "Add", "1,2");  // Waits for the first.
  ASSERT_TRUE(seen->entered.try_acquire_for(patience));
  // Longer than the client may be silent; another one shows that the time has passed.
  hub_client silent(server.port());
  silent.send(R"({"type":6})");
  EXPECT_TRUE(silent.read().starts_with(R"({"type":7,"error")"));
  seen->go_on.set_value();
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"1","result":null})");
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"2","result":3})");
  EXPECT_EQ(client.call("Add", "2,3"), R"({"type":3,"invocationId":"1","result":5})");
}

TEST_F(signalr_slowness, the_time_in_which_the_loop_stands_still_is_no_silence_of_the_client) {
  test_server server(serving([](auto& options) {
    options.hub.client_timeout_interval = 3s;
    options.hub.keep_alive_interval = 1s;
  }));
  hub_client client(server.port());
  client.send(R"({"type":6})");
  client.invoke("1", "Occupy", "3500");
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"1","result":null})");
  // The connection has been looked after meanwhile.
  EXPECT_EQ(client.socket().read_message().payload, "{\"type\":6}\x1e");
  EXPECT_EQ(client.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":3})");
}

// Stateful reconnect.

TEST_F(signalr_slowness, results_over_every_buffer_arrive) {
  test_server server(serving([](auto& options) {
    options.connection.send_buffer_limit = 64 * 1024;
    options.hub.stateful_reconnect_buffer_size = 10'000;
  }));
  auto client = open_stateful(server, stateful_token(server));
  for (int i = 0; i < 8; ++i) client.invoke(std::to_string(i), "Big", "200000");
  for (int i = 0; i < 8; ++i) {
    const auto message = signalr::json::parse(read(client));
    ASSERT_EQ(message.at("invocationId"), std::to_string(i));
    EXPECT_EQ(message.at("result").get<std::string>().size(), 200'000);
    client.send(R"({"type":8,"sequenceId":)" + std::to_string(i + 1) + "}");
  }
}

TEST_F(signalr_slowness, acks_are_read_though_a_call_waits_for_them_and_others_wait_for_it) {
  test_server server(
      serving([](auto& options) { options.hub.stateful_reconnect_buffer_size = 1000; }));
  auto client = open_stateful(server, stateful_token(server));
  client.invoke("1", "Burst", "10,1000");
  // Each of them waits for the one before, and the Acks are behind them.
  client.invoke("2", "Add", "1,2");
  client.invoke("3", "Burst", "2,1000");
  int acknowledged = 0;
  std::string all;
  for (int i = 0; i < 10 + 1 + 1 + 2 + 1; ++i) {
    auto message = read(client);
    all += message.find("\"Note\"") != std::string::npos ? "n" : message.substr(0, 28) + ";";
    client.send(R"({"type":8,"sequenceId":)" + std::to_string(++acknowledged) + "}");
  }
  EXPECT_EQ(all, R"(nnnnnnnnnn{"type":3,"invocationId":"1";{"type":3,"invocationId":"2";nn)"
                 R"({"type":3,"invocationId":"3";)");
}

TEST_F(signalr_slowness, what_waits_for_acks_is_answered_before_the_clients_close) {
  test_server server(
      serving([](auto& options) { options.hub.stateful_reconnect_buffer_size = 1000; }));
  auto client = open_stateful(server, stateful_token(server));
  client.invoke("1", "Wait", "");
  client.invoke("2", "Add", "1,2");
  ASSERT_TRUE(seen->entered.try_acquire_for(patience));
  client.socket().send({.opcode = 8, .payload = close_payload(1000)});
  seen->go_on.set_value();
  EXPECT_EQ(read(client), R"({"type":3,"invocationId":"1","result":null})");
  EXPECT_EQ(read(client), R"({"type":3,"invocationId":"2","result":3})");
}

TEST_F(signalr_slowness, calls_that_wait_for_acks_are_made_before_the_clients_close) {
  test_server server(
      serving([](auto& options) { options.hub.stateful_reconnect_buffer_size = 1000; }));
  auto client = open_stateful(server, stateful_token(server));
  client.invoke("1", "Big", "2000");
  client.invoke("2", "Big", "2000");  // Waits for an Ack.
  client.invoke("3", "Keep", "");
  client.socket().send({.opcode = 8, .payload = close_payload(1000)});
  for (const auto* id : {"1", "2", "3"}) {
    EXPECT_EQ(signalr::json::parse(read(client)).at("invocationId"), id);
  }
  EXPECT_TRUE(seen->left.try_acquire_for(patience));
}

TEST_F(signalr_slowness, acks_are_found_behind_more_calls_than_may_wait) {
  test_server server(serving([](auto& options) {
    options.connection.send_buffer_limit = 64 * 1024;
    options.hub.stateful_reconnect_buffer_size = 1000;
  }));
  auto client = open_stateful(server, stateful_token(server));
  constexpr int calls = 2000;  // Some 400 KB with what each costs.
  std::string all;
  for (int i = 0; i < calls; ++i) all += invocation(std::to_string(i), "Add", "1,2");
  client.send_raw(all);
  for (int i = 0; i < calls; ++i) {
    ASSERT_EQ(read(client),
              R"({"type":3,"invocationId":")" + std::to_string(i) + R"(","result":3})");
    client.send(R"({"type":8,"sequenceId":)" + std::to_string(i + 1) + "}");
  }
}

TEST_F(signalr_slowness, acks_are_read_while_the_hub_lets_the_client_in) {
  seen->burst_at_entry = 20;
  test_server server(
      serving([](auto& options) { options.hub.stateful_reconnect_buffer_size = 1000; }));
  auto client = open_stateful(server, stateful_token(server));
  client.invoke("1", "Add", "1,2");
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(signalr::json::parse(read(client)).at("arguments").at(0), i);
    client.send(R"({"type":8,"sequenceId":)" + std::to_string(i + 1) + "}");
  }
  EXPECT_EQ(read(client), R"({"type":3,"invocationId":"1","result":3})");
}

TEST_F(signalr_slowness, nothing_stays_of_a_client_that_vanishes_with_calls_that_wait) {
  test_server server(serving([](auto& options) {
    options.connection.disconnect_timeout = 1s;
    options.connection.send_buffer_limit = 64 * 1024;
    options.hub.stateful_reconnect_buffer_size = 1000;
  }));
  for (const int calls : {10, 20'000}) {
    auto client = open_stateful(server, stateful_token(server));
    client.invoke("0", "Keep", "");
    EXPECT_EQ(read(client), R"({"type":3,"invocationId":"0","result":null})");
    std::string all;
    for (int i = 0; i < calls; ++i) all += invocation("1", "Big", "2000");
    client.socket().raw().try_send_all(client_frame{.payload = all}.bytes());
    client.socket().raw().reset();
    EXPECT_TRUE(seen->left.try_acquire_for(patience));
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!seen->kept.expired() && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    EXPECT_TRUE(seen->kept.expired()) << calls;
  }
}

TEST_F(signalr_slowness, a_client_that_acknowledges_nothing_hardly_delays_who_sends_to_all) {
  test_server server(serving());
  auto silent = open_stateful(server, stateful_token(server));
  auto reading = std::async(std::launch::async, [&] {
    try {
      for (;;) silent.read();
    } catch (const std::exception&) {
      return;  // It has been cut off.
    }
  });
  hub_client client(server.port());
  client.invoke("end", "TellAll", "1000,20000");
  expect_notes(client, 1000);
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"end","result":null})");
  server.stop();
  reading.wait();
}

TEST_F(signalr_slowness, a_new_socket_lets_go_on_who_waited_without_an_ack) {
  test_server server(serving());
  const auto token = stateful_token(server);
  auto first = open_stateful(server, token);
  first.send(R"({"type":4,"invocationId":"1","target":"Count","arguments":[30]})");
  EXPECT_EQ(first.read(), R"({"type":2,"invocationId":"1","item":0})");
  first.socket().raw().reset();
  ws_client second(server.port(), "/hub?id=" + token);
  second.send({.payload = std::string(R"({"type":9,"sequenceId":2})") + separator});
  std::string all;
  while (all.find(R"({"type":3,"invocationId":"1"})") == std::string::npos) {
    all += second.read_message().payload;
  }
  EXPECT_TRUE(all.starts_with(std::string(R"({"type":9,"sequenceId":1})") + separator)) << all;
  EXPECT_NE(all.find(R"("item":29})"), std::string::npos);
}

TEST_F(signalr_slowness, what_was_acknowledged_is_acknowledged_again_over_a_new_socket) {
  test_server server(serving());
  const auto token = stateful_token(server);
  auto first = open_stateful(server, token);
  first.send(R"({"type":1,"target":"Add","arguments":[1,2]})");
  EXPECT_EQ(first.read(), R"({"type":8,"sequenceId":1})");
  first.socket().raw().reset();
  ws_client second(server.port(), "/hub?id=" + token);
  EXPECT_EQ(second.read_message().payload, std::string(R"({"type":9,"sequenceId":1})") + separator);
  EXPECT_EQ(second.read_message().payload, std::string(R"({"type":8,"sequenceId":1})") + separator);
}

TEST_F(signalr_slowness, transports_that_do_not_come_back_are_served_without_reconnect) {
  test_server server(serving());
  const auto id = stateful_token(server);
  ask(server.port(), "GET", "/hub?id=" + id);
  ask(server.port(), "POST", "/hub?id=" + id,
      R"({"protocol":"json","version":2})" + std::string(1, separator) +
          invocation("1", "Add", "1,2"));
  auto body = body_of(ask(server.port(), "GET", "/hub?id=" + id));
  if (body == "{}\x1e") body += body_of(ask(server.port(), "GET", "/hub?id=" + id));
  EXPECT_EQ(body,
            std::string("{}\x1e") + R"({"type":3,"invocationId":"1","result":3})" + separator);
}

TEST_F(signalr_slowness, events_carry_what_is_ready_together) {
  test_server server(serving());
  const auto id = negotiate(server);
  auto events = raw_client::connect(server.port());
  events.send_all("GET /hub?id=" + id +
                  " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
  events.read_until(":\r\n");
  ask(server.port(), "POST", "/hub?id=" + id,
      json_handshake + invocation("end", "Flood", "1000,200"));
  const auto received = events.read_until(R"("invocationId":"end","result":null})");
  int count = 0;
  for (auto at = received.find("data: "); at != std::string::npos;
       at = received.find("data: ", at + 1)) {
    ++count;
  }
  EXPECT_LT(count, 20);
}

// Failures by their names.

struct unmade_hub : signalr::hub {
  unmade_hub() { throw std::runtime_error("no hub"); }
  void nothing() {}
  static void define(signalr::hub_methods<unmade_hub>& methods) {
    methods.add("Nothing", &unmade_hub::nothing);
  }
};

struct unwelcoming_hub : signalr::hub {
  task<void> on_connected() override { throw std::runtime_error("not you"); }
  static void define(signalr::hub_methods<unwelcoming_hub>&) {}
};

TEST_F(signalr_slowness, failures_are_logged_by_their_own_names) {
  ::testing::internal::CaptureStdout();
  {
    test_server server([](web_application& app) {
      app.set_log_level("error");
      app.add(signalr::map_hub<unmade_hub>("/unmade"));
      app.add(signalr::map_hub<unwelcoming_hub>("/unwelcoming"));
    });
    for (const auto* path : {"/unmade", "/unwelcoming"}) {
      hub_client client(server.port(), path);
      EXPECT_EQ(client.read(), R"({"type":7,"error":"Connection closed with an error."})");
    }
  }
  const auto log = ::testing::internal::GetCapturedStdout();
  EXPECT_NE(log.find("A hub could not be made: no hub"), std::string::npos) << log;
  EXPECT_NE(log.find("A hub's on_connected failed: not you"), std::string::npos) << log;
}

}  // namespace
}  // namespace saker::testing
