// What clients and busy loops can make a hub keep, and calls that outlive what they belong to.

#include <gtest/gtest.h>

#include <saker/signalr.hpp>

#include <future>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "signalr/hub_client.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;
namespace signalr = saker::signalr;

/// What the calls of a test and the test share.
struct shared_state {
  std::counting_semaphore<> busy{0};
  std::counting_semaphore<> released{0};
  completion_source<> go_on;
  std::promise<void> told_to_stop;
  std::counting_semaphore<> left{0};
  int floods = 0;
  std::mutex mutex;
  std::optional<signalr::hub_caller_clients> kept;
  std::optional<signalr::single_client_proxy> kept_caller;
};

class bounded_hub : public signalr::hub {
 public:
  explicit bounded_hub(std::shared_ptr<shared_state> state) : state_(std::move(state)) {}

  int add(int left, int right) { return left + right; }
  std::string id() { return context().connection_id(); }
  /// The loop has no time until the test says so.
  void block() {
    state_->busy.release();
    state_->released.acquire();
  }
  async_generator<int> silence(std::stop_token stop) {
    auto waiting = delay(1h, stop);
    co_await waiting;
    co_yield 1;
  }
  task<int> ask() {
    auto asking = clients().caller().invoke<int>("Question");
    co_return co_await asking;
  }
  task<int> sum_later(signalr::stream_reader<std::string> texts) {
    const auto source = state_->go_on;
    co_await source;
    int count = 0;
    for (;;) {
      const auto text = co_await texts.read();
      if (!text) break;
      ++count;
    }
    co_return count;
  }
  task<void> wait() {
    state_->busy.release();
    const auto source = state_->go_on;
    co_await source;
  }
  void keep() {
    const std::scoped_lock lock(state_->mutex);
    state_->kept.emplace(clients());
    state_->kept_caller.emplace(clients().caller());
  }
  task<void> until_told(std::stop_token stop) {
    state_->busy.release();
    try {
      auto waiting = delay(1h, stop);
      co_await waiting;
    } catch (const std::system_error&) {
      state_->told_to_stop.set_value();
    }
  }
  void fail() { throw std::runtime_error("on purpose"); }
  void flood() {
    ++state_->floods;
    const std::string text(1024, 'x');
    for (int i = 0; i < 100; ++i) clients().caller().send("Note", text);
  }
  task<void> on_disconnected(std::exception_ptr) override {
    state_->left.release();
    return {};
  }

  static void define(signalr::hub_methods<bounded_hub>& methods) {
    methods.add("Add", &bounded_hub::add)
        .add("Id", &bounded_hub::id)
        .add("Block", &bounded_hub::block)
        .add("Silence", &bounded_hub::silence)
        .add("Ask", &bounded_hub::ask)
        .add("SumLater", &bounded_hub::sum_later)
        .add("Wait", &bounded_hub::wait)
        .add("Keep", &bounded_hub::keep)
        .add("UntilTold", &bounded_hub::until_told)
        .add("Fail", &bounded_hub::fail)
        .add("Flood", &bounded_hub::flood);
  }

 private:
  std::shared_ptr<shared_state> state_;
};

class signalr_bounds : public ::testing::Test {
 protected:
  using configuration = std::function<void(signalr::hub_endpoint_options&)>;

  test_server::configuration serving(const configuration& configure = [](auto&) {}) {
    return [this, configure](web_application& app) {
      app.add(signalr::map_hub<bounded_hub>(
          "/hub",
          [configure](signalr::hub_endpoint_options& options) {
            options.connection.websocket_close_timeout = 100ms;
            configure(options);
          },
          state));
    };
  }

  std::shared_ptr<shared_state> state = std::make_shared<shared_state>();
};

/// A new connection's token.
std::string negotiate(const test_server& server, std::string_view query = {}) {
  auto connection = raw_client::connect(server.port());
  connection.send_all("POST /hub/negotiate?negotiateVersion=1" + std::string(query) +
                      " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  const auto answer = connection.read_to_eof();
  return signalr::json::parse(answer.substr(answer.find("\r\n\r\n")))
      .at("connectionToken")
      .get<std::string>();
}

std::string result(std::string_view id, std::string_view value) {
  return R"({"type":3,"invocationId":")" + std::string(id) + R"(","result":)" + std::string(value) +
         "}";
}

/// `"Note"` with that number, from a hub_context.
std::string note(int number) {
  return R"({"type":1,"target":"Note","arguments":[)" + std::to_string(number) + "]}";
}

/// More than four times the smallest send_buffer_limit holds, with what each message counts.
constexpr int too_many = 20'000;

class signalr_busy_loop
    : public signalr_bounds,
      public ::testing::WithParamInterface<std::tuple<signalr::overflow_policy, bool>> {
 protected:
  /// A client, or everybody, is sent too much while the one loop has no time.
  void send_all(test_server& server, const std::string& id) {
    const auto clients = signalr::hub_context<bounded_hub>(server.app()).clients();
    const auto send = [&](const signalr::client_proxy& to) {
      for (int i = 0; i < too_many; ++i) to.send("Note", i);
    };
    if (std::get<1>(GetParam())) {
      send(clients.all());
    } else {
      send(clients.client(id));
    }
  }
};

TEST_P(signalr_busy_loop, has_the_overflow_policy_hold_for_what_waits_for_it) {
  const auto policy = std::get<0>(GetParam());
  test_server server(serving([&](auto& options) {
                       options.connection.overflow_policy = policy;
                       options.connection.send_buffer_limit = 64 * 1024;
                     }),
                     1);
  hub_client client(server.port());
  const auto id = signalr::json::parse(client.call("Id", "")).at("result").get<std::string>();
  client.invoke("2", "Block", "");
  state->busy.acquire();
  send_all(server, id);
  const auto dropped = static_cast<int>(signalr::metrics(server.app()).messages_dropped);
  EXPECT_GT(dropped, 0);
  state->released.release();
  EXPECT_EQ(client.read(), result("2", "null"));
  if (policy == signalr::overflow_policy::disconnect) {
    client.socket().raw().read_to_eof();
    return;
  }
  const int first = policy == signalr::overflow_policy::drop_oldest ? dropped : 0;
  for (int i = 0; i < too_many - dropped; ++i) ASSERT_EQ(client.read(), note(first + i));
  EXPECT_EQ(client.call("Add", "1,2"), result("1", "3"));
}

INSTANTIATE_TEST_SUITE_P(
    policies, signalr_busy_loop,
    ::testing::Combine(::testing::Values(signalr::overflow_policy::disconnect,
                                         signalr::overflow_policy::drop_oldest,
                                         signalr::overflow_policy::drop_newest),
                       ::testing::Bool()));

TEST_F(signalr_bounds, refuses_streams_that_are_too_many) {
  test_server server(serving([](auto& options) { options.hub.stream_memory_limit = 64 * 1024; }));
  hub_client client(server.port());
  constexpr int streams = 100;
  for (int i = 0; i < streams; ++i) {
    client.send(R"({"type":4,"invocationId":"s)" + std::to_string(i) +
                R"(","target":"Silence","arguments":[]})");
  }
  client.invoke("end", "Add", "1,2");
  // The bound holds for calls of every kind, so the last one is refused as well.
  int refused = 0;
  std::string answer;
  do {
    answer = client.read();
    if (answer.find("Too many calls of this client run.") != std::string::npos) ++refused;
  } while (answer.find("\"end\"") == std::string::npos);
  EXPECT_GE(refused, streams - 16);
  client.send(R"({"type":5,"invocationId":"s0"})");
  while (answer.find("\"s0\"") == std::string::npos) answer = client.read();
  // What has ended makes room.
  EXPECT_EQ(client.call("Add", "1,2"), result("1", "3"));
}

TEST_F(signalr_bounds, refuses_calls_while_too_many_wait_for_the_client) {
  test_server server(serving([](auto& options) { options.hub.stream_memory_limit = 64 * 1024; }));
  hub_client client(server.port());
  constexpr int calls = 100;
  for (int i = 0; i < calls; ++i) client.invoke("a" + std::to_string(i), "Ask", "");
  int asked = 0;
  int refused = 0;
  std::string first;
  while (asked + refused < calls) {
    const auto answer = signalr::json::parse(client.read());
    if (answer.at("type") == 1) {
      if (asked++ == 0) first = answer.at("invocationId").get<std::string>();
    } else {
      ++refused;
    }
  }
  EXPECT_LE(asked, 17);
  client.send(R"({"type":3,"invocationId":")" + first + R"(","result":7})");
  EXPECT_EQ(client.read(), result("a0", "7"));
}

TEST_F(signalr_bounds, makes_no_further_calls_of_a_client_that_is_given_up) {
  test_server server(serving([](auto& options) {
    options.connection.allow_stateful_reconnects = true;
    options.connection.send_buffer_limit = 64 * 1024;
  }));
  hub_client client(server.port(), "/hub?id=" + negotiate(server, "&useStatefulReconnect=true"),
                    R"({"protocol":"json","version":2})");
  client.invoke("1", "Block", "");
  state->busy.acquire();
  // All are there before the first is made, which is too much for the client already.
  constexpr int calls = 3'000;
  std::string flood;
  for (int i = 0; i < calls; ++i) flood += "{\"type\":1,\"target\":\"Flood\",\"arguments\":[]}\x1e";
  client.send_raw(flood);
  state->released.release();
  ASSERT_TRUE(state->left.try_acquire_for(patience));
  EXPECT_EQ(state->floods, 1);
}

TEST_F(signalr_bounds, gives_up_the_calls_of_a_client_that_has_gone) {
  test_server server(serving([](auto& options) { options.connection.disconnect_timeout = 1s; }));
  hub_client client(server.port());
  client.invoke("1", "UntilTold", "");
  state->busy.acquire();
  // More than the hub is shown at once.
  for (int i = 0; i < 500; ++i) client.invoke("2", "Add", "1,2");
  client.socket().send({.opcode = 9, .payload = "behind them"});
  EXPECT_EQ(client.socket().read_frame().payload, "behind them");
  client.socket().raw().reset();
  EXPECT_EQ(state->told_to_stop.get_future().wait_for(patience), std::future_status::ready);
}

TEST_F(signalr_bounds, answers_a_close_behind_calls_that_do_not_end) {
  test_server server(serving([](auto& options) { options.connection.disconnect_timeout = 1s; }));
  hub_client client(server.port());
  client.invoke("1", "UntilTold", "");
  state->busy.acquire();
  client.invoke("2", "Add", "1,2");
  client.socket().send({.opcode = 8, .payload = std::string("\x03\xe8", 2)});
  EXPECT_EQ(client.socket().read_frame().opcode, 8);
  EXPECT_EQ(state->told_to_stop.get_future().wait_for(patience), std::future_status::ready);
}

TEST_F(signalr_bounds, loses_nothing_of_a_stream_that_waits) {
  test_server server(serving([](auto& options) {
    options.hub.stream_memory_limit = 64 * 1024;
    options.hub.stream_buffer_capacity = 1'000'000;
  }));
  hub_client client(server.port());
  client.send(
      R"({"type":1,"invocationId":"sum","target":"SumLater","arguments":[],"streamIds":["u"]})");
  constexpr int items = 20'000;
  std::jthread sending([&] {
    const std::string text(100, 'x');
    for (int i = 0; i < items; ++i) {
      client.send(R"({"type":2,"invocationId":"u","item":")" + text + R"("})");
      if (i == items / 2) state->go_on.set_value();
    }
    client.send(R"({"type":3,"invocationId":"u"})");
  });
  EXPECT_EQ(client.read(), result("sum", std::to_string(items)));
}

TEST_F(signalr_bounds, forgets_whoever_has_waited_longest_to_connect) {
  test_server server(
      serving([](auto& options) { options.connection.maximum_waiting_connections = 10; }));
  const auto status_of_poll = [&](const std::string& token) {
    auto connection = raw_client::connect(server.port());
    connection.send_all("GET /hub?id=" + token +
                        " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    return connection.read_to_eof().substr(9, 3);
  };
  std::vector<std::string> tokens;
  for (int i = 0; i < 11; ++i) tokens.push_back(negotiate(server));
  EXPECT_EQ(status_of_poll(tokens[0]), "404");
  EXPECT_EQ(status_of_poll(tokens[1]), "200");
  EXPECT_EQ(status_of_poll(tokens[10]), "200");
  // Between two polls it waits as well, but not in front of the others.
  negotiate(server);
  negotiate(server);
  EXPECT_EQ(status_of_poll(tokens[2]), "404");
}

TEST_F(signalr_bounds, proxies_may_be_kept_beyond_their_call) {
  test_server server(serving());
  hub_client client(server.port());
  EXPECT_EQ(client.call("Keep", ""), result("1", "null"));
  const auto answer = [&](int value) {
    const auto question = signalr::json::parse(client.read());
    client.send(R"({"type":3,"invocationId":)" + question.at("invocationId").dump() +
                R"(,"result":)" + std::to_string(value) + "}");
  };
  const auto ask = [&](const signalr::single_client_proxy& whom) {
    return std::async(std::launch::async,
                      [whom] { return sync_wait(whom.invoke<int>("Question")); });
  };
  auto first = ask(*state->kept_caller);
  answer(7);
  EXPECT_EQ(first.get(), 7);
  auto second = ask(state->kept->caller());
  answer(8);
  EXPECT_EQ(second.get(), 8);
  state->kept->others().send("Note", 1);
  client.socket().raw().close();
  for (;;) {
    // Once its end has been noticed.
    try {
      sync_wait(state->kept_caller->invoke<int>("Question"));
    } catch (const signalr::named_error&) {
      break;
    }
  }
}

TEST_F(signalr_bounds, calls_learn_of_a_stop) {
  test_server server(serving());
  hub_client client(server.port());
  client.invoke("1", "UntilTold", "");
  client.send(R"({"type":4,"invocationId":"s","target":"Silence","arguments":[]})");
  state->busy.acquire();
  std::jthread stopping([&] { server.stop(); });
  EXPECT_EQ(state->told_to_stop.get_future().wait_for(patience), std::future_status::ready);
  for (;;) {
    if (client.read() == R"({"type":7,"allowReconnect":true})") break;
  }
}

TEST_F(signalr_bounds, a_client_may_cancel_a_call_that_takes_a_stop_token) {
  test_server server(serving());
  hub_client client(server.port());
  client.invoke("1", "UntilTold", "");
  ASSERT_TRUE(state->busy.try_acquire_for(patience));
  client.send(R"({"type":5,"invocationId":"nobody"})");
  client.send(R"({"type":5,"invocationId":"1"})");
  EXPECT_EQ(state->told_to_stop.get_future().wait_for(patience), std::future_status::ready);
  EXPECT_EQ(client.read(), result("1", "null"));
  // It is over, and one that takes no token runs on.
  client.send(R"({"type":5,"invocationId":"1"})");
  client.invoke("2", "Wait", "");
  ASSERT_TRUE(state->busy.try_acquire_for(patience));
  client.send(R"({"type":5,"invocationId":"2"})");
  client.send(R"({"type":6})");
  state->go_on.set_value();
  EXPECT_EQ(client.read(), result("2", "null"));
  EXPECT_EQ(client.call("Add", "1,2"), result("1", "3"));
}

TEST_F(signalr_bounds, a_forced_end_meets_calls_that_run_and_wait) {
  for (int round = 0; round < 3; ++round) {
    test_server server([&](web_application& app) {
      serving()(app);
      app.set_shutdown_timeout(0ms);
    });
    std::vector<std::unique_ptr<hub_client>> clients;
    for (int i = 0; i < 5; ++i) {
      auto& client = *clients.emplace_back(std::make_unique<hub_client>(server.port()));
      EXPECT_EQ(client.call("Add", "1,2"), result("1", "3"));
      client.invoke("2", "Wait", "");
      client.invoke("3", "Wait", "");
      client.send(
          R"({"type":1,"invocationId":"sum","target":"SumLater","arguments":[],"streamIds":["u"]})");
    }
    for (std::size_t i = 0; i < clients.size(); ++i) state->busy.acquire();
    server.stop();
  }
}

}  // namespace
}  // namespace saker::testing
