// Hubs, with clients that do what stock clients do not.

#include <gtest/gtest.h>

#include <saker/signalr.hpp>

#include <atomic>
#include <future>
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

class plain_hub : public signalr::hub {
 public:
  int add(int left, int right) { return left + right; }
  std::string echo(std::string text) { return text; }
  void tell_all(std::string text) { clients().all().send("Note", text); }
  task<void> flood(int messages, int size) {
    const std::string text(static_cast<std::size_t>(size), 'x');
    for (int i = 0; i < messages; ++i) {
      auto sending = clients().all().send("Note", i, text);
      co_await sending;
    }
  }
  void tell_much(int number, int size) {
    clients().all().send("Note", number, std::string(static_cast<std::size_t>(size), 'x'));
  }
  async_generator<int> silence(std::stop_token stop) {
    auto waiting_long = delay(1h, stop);
    co_await waiting_long;
    co_yield 1;
  }
  task<int> sum(signalr::stream_reader<int> numbers) {
    int total = 0;
    for (;;) {
      const auto number = co_await numbers.read();
      if (!number) break;
      total += *number;
    }
    co_return total;
  }
  task<std::string> wait_for_release() {
    waiting = true;
    waiting.notify_all();
    const auto source = release;
    co_await source;
    co_return "released";
  }
  void do_release() { release.try_set_value(); }

  static void define(signalr::hub_methods<plain_hub>& methods) {
    methods.add("Add", &plain_hub::add)
        .add("Echo", &plain_hub::echo)
        .add("TellAll", &plain_hub::tell_all)
        .add("Flood", &plain_hub::flood)
        .add("Silence", &plain_hub::silence)
        .add("Sum", &plain_hub::sum)
        .add("TellMuch", &plain_hub::tell_much)
        .add("WaitForRelease", &plain_hub::wait_for_release)
        .add("Release", &plain_hub::do_release);
  }

  static inline completion_source<> release;
  static inline std::atomic<bool> waiting = false;
};

using configuration = std::function<void(signalr::hub_endpoint_options&)>;

test_server::configuration serving(const configuration& configure = [](auto&) {}) {
  return [configure](web_application& app) {
    app.add(
        signalr::map_hub<plain_hub>("/hub", [configure](signalr::hub_endpoint_options& options) {
          // These clients do not answer a Close.
          options.connection.websocket_close_timeout = 100ms;
          configure(options);
        }));
  };
}

TEST(signalr_hub, shakes_hands) {
  test_server server(serving([](auto& options) { options.hub.enable_detailed_errors = true; }));
  const auto answer = [&](std::string_view request) {
    return hub_client(server.port(), "/hub", request).handshake_answer();
  };
  EXPECT_EQ(answer(R"({"protocol":"json","version":1})"), "{}");
  EXPECT_EQ(answer(R"({"protocol":"JSON","version":2,"more":0})"), "{}");
  EXPECT_EQ(answer(R"({"protocol":"json","version":-7})"), "{}");
  EXPECT_EQ(answer(R"({"protocol":"json","version":3})"),
            R"({"error":"The server does not support version 3 of the 'json' protocol."})");
  EXPECT_EQ(answer(R"({"protocol":"xml","version":1})"),
            R"({"error":"The protocol 'xml' is not supported."})");
  EXPECT_EQ(answer("nonsense"),
            R"({"error":"An unexpected error occurred during connection handshake. )"
            R"(InvalidDataException: Error reading JSON."})");
  EXPECT_EQ(answer(std::string(40'000, 'x')), R"({"error":"Handshake was canceled."})");
}

TEST(signalr_hub, gives_up_a_client_that_does_not_shake_hands) {
  test_server server(serving([](auto& options) { options.hub.handshake_timeout = 200ms; }));
  ws_client silent(server.port(), "/hub");
  EXPECT_EQ(silent.read_frame().payload, "{\"error\":\"Handshake was canceled.\"}\x1e");
  silent.expect_close(1000);
}

TEST(signalr_hub, speaks_only_the_protocols_that_it_may) {
  test_server server(serving([](auto& options) { options.hub.supported_protocols = {"json"}; }));
  EXPECT_EQ(hub_client(server.port(), "/hub", R"({"protocol":"messagepack","version":1})")
                .handshake_answer(),
            R"({"error":"The protocol 'messagepack' is not supported."})");
}

TEST(signalr_hub, takes_messages_however_they_are_cut) {
  test_server server(serving());
  const std::string handshake = "{\"protocol\":\"json\",\"version\":1}\x1e";
  const std::string call =
      "{\"type\":1,\"invocationId\":\"1\",\"target\":\"Add\",\"arguments\":[1,2]}\x1e";
  const std::string result = "{\"type\":3,\"invocationId\":\"1\",\"result\":3}\x1e";
  // All in one, with half a message behind.
  ws_client socket(server.port(), "/hub");
  socket.send({.payload = handshake + call + call + call.substr(0, 10)});
  std::string received;
  while (received.size() < 3 + 2 * result.size()) received += socket.read_frame().payload;
  EXPECT_EQ(received, "{}\x1e" + result + result);
  // Byte by byte, in frames of either type.
  for (std::size_t i = 10; i < call.size(); ++i) {
    socket.send({.opcode = i % 2 == 0 ? 1U : 2U, .payload = call.substr(i, 1)});
  }
  EXPECT_EQ(socket.read_frame().payload, result);
  // Larger than any buffer.
  const std::string text(30'000, 'x');
  socket.send(
      {.payload = "{\"type\":1,\"invocationId\":\"2\",\"target\":\"Echo\",\"arguments\":[\"" +
                  text + "\"]}\x1e"});
  EXPECT_EQ(socket.read_message().payload,
            "{\"type\":3,\"invocationId\":\"2\",\"result\":\"" + text + "\"}\x1e");
}

TEST(signalr_hub, what_is_malformed_ends_its_own_connection_and_nothing_else) {
  test_server server(serving());
  hub_client witness(server.port());
  const std::string close =
      R"({"type":7,"error":"Connection closed with an error.","allowReconnect":true})";
  for (const std::string_view each :
       {"", "{", "[]", "{}", "null", R"({"type":"1"})", R"({"type":1})",
        R"({"type":1,"target":"Add","arguments":{}})", R"({"type":2,"invocationId":"1"})",
        R"({"type":3,"invocationId":"1","error":"e","result":1})", R"({"type":5})"}) {
    hub_client client(server.port());
    client.send(each);
    EXPECT_EQ(client.read(), close) << each;
    client.socket().expect_close(1000);
  }
  // What is no UTF-8 is refused by the WebSocket already.
  hub_client client(server.port());
  client.send("{\"type\":1,\"target\":\"\xff\",\"arguments\":[]}");
  client.socket().expect_close(1007);
  EXPECT_EQ(witness.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":3})");
}

TEST(signalr_hub, malformed_messagepack_ends_its_own_connection_and_nothing_else) {
  test_server server(serving());
  hub_client witness(server.port());
  const std::string close(
      "\x25\x93\x07\xd9\x20"
      "Connection closed with an error.\xc3",
      38);
  for (const std::string_view each :
       {std::string_view("\xff\xff\xff\xff\xff", 5), std::string_view("\x01\xc1", 2),
        std::string_view("\x00", 1), std::string_view("\x02\x91\xc0", 3),
        std::string_view("\x03\x92\x01\x80", 4),
        std::string_view("\x0c\x95\x01\x80\xc0\xa3"
                         "Add\xdd\xff\xff\xff\xff",
                         14)}) {
    hub_client client(server.port(), "/hub", R"({"protocol":"messagepack","version":1})");
    client.send_raw(std::string(each), 2);
    const auto answer = client.socket().read_frame();
    EXPECT_EQ(answer.opcode, 2U);
    EXPECT_EQ(answer.payload, close) << ::testing::PrintToString(std::string(each));
    client.socket().expect_close(1000);
  }
  EXPECT_EQ(witness.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":3})");
}

TEST(signalr_hub, what_is_harmless_is_ignored) {
  test_server server(serving());
  hub_client client(server.port());
  for (const auto* each :
       {R"({"type":99})", R"({"type":6})", R"({"type":8,"sequenceId":5})",
        R"({"type":9,"sequenceId":5})", R"({"type":5,"invocationId":"nobody"})",
        R"({"type":2,"invocationId":"nobody","item":1})", R"({"type":3,"invocationId":"nobody"})",
        R"({"type":1,"target":"Nobody","arguments":[]})",
        R"({"type":1,"target":"Add","arguments":["x"]})"}) {
    client.send(each);
  }
  EXPECT_EQ(client.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":3})");
}

TEST(signalr_hub, limits_the_size_of_messages) {
  test_server server(
      serving([](auto& options) { options.hub.maximum_receive_message_size = 100; }));
  hub_client fitting(server.port());
  EXPECT_EQ(fitting.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":3})");
  for (const bool complete : {true, false}) {
    hub_client client(server.port());
    const auto large = R"({"type":6,"x":")" + std::string(200, 'x') + "\"}";
    client.send_raw(complete ? large + '\x1e' : large);
    EXPECT_TRUE(client.read().starts_with(R"({"type":7,"error":"Connection closed)"));
  }
}

TEST(signalr_hub, runs_calls_of_a_client_one_after_the_other) {
  plain_hub::release = {};
  plain_hub::waiting = false;
  test_server server(serving());
  hub_client client(server.port());
  hub_client other(server.port());
  client.invoke("1", "WaitForRelease", "");
  client.invoke("2", "Add", "1,2");
  plain_hub::waiting.wait(false);
  EXPECT_EQ(other.call("Release", ""), R"({"type":3,"invocationId":"1","result":null})");
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"1","result":"released"})");
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"2","result":3})");
}

TEST(signalr_hub, runs_several_calls_of_a_client_at_a_time_where_it_may) {
  plain_hub::release = {};
  test_server server(
      serving([](auto& options) { options.hub.maximum_parallel_invocations_per_client = 2; }));
  hub_client client(server.port());
  client.invoke("1", "WaitForRelease", "");
  EXPECT_EQ(client.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":3})");
  client.invoke("2", "Release", "");
  std::set<std::string> answers{client.read(), client.read()};
  EXPECT_TRUE(answers.contains(R"({"type":3,"invocationId":"1","result":"released"})"));
  EXPECT_TRUE(answers.contains(R"({"type":3,"invocationId":"2","result":null})"));
}

TEST(signalr_hub, streams_have_ids_of_their_own) {
  test_server server(serving());
  hub_client client(server.port());
  const std::string stream = R"({"type":4,"invocationId":"7","target":"Silence","arguments":[]})";
  client.send(stream);
  client.send(stream);
  EXPECT_EQ(client.read(),
            R"({"type":3,"invocationId":"7","error":"Invocation ID '7' is already in use."})");
  client.send(R"({"type":5,"invocationId":"7"})");
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"7"})");
  client.send(stream);
  client.send(R"({"type":5,"invocationId":"7"})");
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"7"})");

  const auto sum = [&](const std::string& id) {
    client.send(R"({"type":1,"invocationId":")" + id +
                R"(","target":"Sum","arguments":[],"streamIds":["s"]})");
  };
  sum("1");
  sum("2");  // its stream is that of the first
  EXPECT_EQ(client.read(),
            R"({"type":3,"invocationId":"2","error":"An unexpected error occurred invoking )"
            R"('Sum' on the server. HubException: Stream ID 's' is already in use."})");
  client.send(R"({"type":2,"invocationId":"s","item":20})");
  client.send(R"({"type":2,"invocationId":"s","item":3})");
  client.send(R"({"type":3,"invocationId":"s"})");
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"1","result":23})");
  client.send(R"({"type":2,"invocationId":"s","item":1})");  // late
  EXPECT_EQ(client.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":3})");
}

TEST(signalr_hub, a_client_that_goes_ends_its_streams) {
  test_server server(serving());
  {
    hub_client client(server.port());
    client.send(R"({"type":4,"invocationId":"7","target":"Silence","arguments":[]})");
    client.send(R"({"type":1,"invocationId":"8","target":"Sum","arguments":[],"streamIds":["s"]})");
    client.call("Add", "1,2");
    EXPECT_EQ(signalr::hub_context<plain_hub>(server.app()).clients().count(), 1U);
    client.socket().raw().reset();
  }
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (signalr::hub_context<plain_hub>(server.app()).clients().count() != 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::yield();
  }
}

TEST(signalr_hub, a_client_that_closes_ends_in_order) {
  test_server server(serving());
  hub_client client(server.port());
  client.send(R"({"type":7})");
  EXPECT_EQ(client.read(), R"({"type":7})");
  client.socket().expect_close(1000);
}

TEST(signalr_hub, tells_its_clients_when_the_server_stops) {
  test_server server(serving());
  hub_client client(server.port());
  EXPECT_EQ(client.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":3})");
  std::thread stopping([&] { server.stop(); });
  EXPECT_EQ(client.read(), R"({"type":7,"allowReconnect":true})");
  client.socket().expect_close(1001);
  stopping.join();
}

// Slow clients.

constexpr int messages = 2'000;
constexpr int message_size = 8'000;  // 16 MB in all: more than any buffer on the way

configuration with(signalr::overflow_policy policy) {
  return [policy](signalr::hub_endpoint_options& options) {
    options.connection.overflow_policy = policy;
    options.connection.send_buffer_limit = 256 * 1024;
    options.connection.transport_send_timeout = 0ms;
  };
}

/// A hub client that does not read beyond the handshake.
raw_client slow_client(std::uint16_t port) {
  auto client = raw_client::connect_with_small_buffer(port);
  client.send_all(
      "GET /hub HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  client.read_until("\r\n\r\n");
  client.send_all(client_frame{.payload = "{\"protocol\":\"json\",\"version\":1}\x1e"}.bytes());
  client.read_until("{}\x1e");
  return client;
}

int count(const std::string& received, const std::string& what) {
  int found = 0;
  for (auto at = received.find(what); at != std::string::npos; at = received.find(what, at + 1)) {
    ++found;
  }
  return found;
}

std::string note(int number) {
  return R"({"type":1,"target":"Note","arguments":[)" + std::to_string(number) + ",";
}

struct slow_client_case {
  signalr::overflow_policy policy;
  const char* name;
};

class signalr_slow_client : public ::testing::TestWithParam<slow_client_case> {};

TEST_P(signalr_slow_client, delays_nobody_else) {
  const auto policy = GetParam().policy;
  test_server server(serving(with(policy)), 2);
  auto slow = slow_client(server.port());
  hub_client fast(server.port());
  for (int i = 0; i < messages; ++i) {
    const auto got = fast.call("TellMuch", std::to_string(i) + "," + std::to_string(message_size));
    ASSERT_TRUE(got.starts_with(note(i))) << got.substr(0, 80);
    ASSERT_EQ(fast.read(), R"({"type":3,"invocationId":"1","result":null})");
  }
  EXPECT_EQ(fast.call("TellAll", "\"last\""), R"({"type":1,"target":"Note","arguments":["last"]})");
  std::string received;
  if (policy == signalr::overflow_policy::disconnect) {
    received = slow.read_to_eof();
    EXPECT_EQ(count(received, "[\"last\"]"), 0);
  } else {
    received = slow.read_until("[\"last\"]}\x1e");
    EXPECT_GT(count(received, "\"Note\""), 10);
  }
  EXPECT_LT(count(received, "\"Note\""), messages);
  EXPECT_EQ(count(received, note(messages - 1)),
            policy == signalr::overflow_policy::drop_oldest ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(
    policies, signalr_slow_client,
    ::testing::Values(slow_client_case{signalr::overflow_policy::disconnect, "disconnect"},
                      slow_client_case{signalr::overflow_policy::drop_oldest, "drop_oldest"},
                      slow_client_case{signalr::overflow_policy::drop_newest, "drop_newest"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(signalr_hub, makes_senders_wait_for_slow_clients_where_that_is_asked_for) {
  test_server server(serving(with(signalr::overflow_policy::wait)), 2);
  auto slow = slow_client(server.port());
  hub_client fast(server.port());
  fast.invoke("end", "Flood", std::to_string(messages) + "," + std::to_string(message_size));
  auto reading =
      std::async(std::launch::async, [&] { return slow.read_until(note(messages - 1)); });
  for (int i = 0; i < messages; ++i) {
    ASSERT_TRUE(fast.read().starts_with(note(i)));
  }
  EXPECT_EQ(fast.read(), R"({"type":3,"invocationId":"end","result":null})");
  EXPECT_EQ(count(reading.get(), "\"Note\""), messages);
}

TEST(signalr_hub, a_burst_within_a_turn_is_no_slow_client) {
  test_server server(serving(with(signalr::overflow_policy::disconnect)), 2);
  hub_client client(server.port());
  // 800 KB: more than send_buffer_limit, and less than the system takes at once.
  client.invoke("end", "Flood", "100,8000");
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.read().starts_with(note(i)));
  EXPECT_EQ(client.read(), R"({"type":3,"invocationId":"end","result":null})");
}

// From other threads.

TEST(signalr_hub_context, sends_from_any_thread_in_order) {
  test_server server(serving(), 3);
  const auto context = signalr::hub_context<plain_hub>(server.app());
  std::vector<std::unique_ptr<hub_client>> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(std::make_unique<hub_client>(server.port()));
  // Until all have been connected.
  for (auto& each : clients) each->call("Add", "1,2");
  EXPECT_EQ(context.clients().count(), clients.size());
  constexpr int senders = 3;
  constexpr int each_sends = 200;
  std::vector<std::jthread> threads;
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&context, sender] {
      for (int i = 0; i < each_sends; ++i) context.clients().all().send("Note", sender, i);
    });
  }
  for (auto& client : clients) {
    std::vector<int> next(senders, 0);
    for (int i = 0; i < senders * each_sends; ++i) {
      const auto note = signalr::json::parse(client->read());
      const auto sender = note.at("arguments").at(0).get<std::size_t>();
      EXPECT_EQ(note.at("arguments").at(1), next[sender]++);
    }
  }
}

TEST(signalr_hub_context, groups_and_results_from_any_thread) {
  test_server server(serving(), 3);
  const auto context = signalr::hub_context<plain_hub>(server.app());
  hub_client client(server.port());
  const auto negotiated = client.call("Add", "1,2");
  context.groups().add_to_group("nobody", "g");
  EXPECT_EQ(context.groups().count("g"), 0U);
  auto asking = std::async(std::launch::async, [&] {
    try {
      return sync_wait(context.clients().client("nobody").invoke<int>("Ask"));
    } catch (const signalr::named_error& error) {
      EXPECT_STREQ(error.what(), "Connection 'nobody' does not exist.");
      return -1;
    }
  });
  EXPECT_EQ(asking.get(), -1);
  EXPECT_THROW(context.clients().group(""), std::invalid_argument);
}

TEST(signalr_hub_context, finds_users_by_what_the_provider_says) {
  test_server server(serving([](auto& options) {
    options.hub.user_id_provider = [](const claims_principal&, const signalr::request_info& from) {
      return from.query("NAME").value_or("");
    };
  }));
  hub_client anna(server.port(), "/hub?name=anna");
  hub_client bert(server.port(), "/hub?name=bert");
  anna.call("Add", "1,2");
  bert.call("Add", "1,2");
  const auto context = signalr::hub_context<plain_hub>(server.app());
  context.clients().user("anna").send("Note", "for anna");
  context.clients().users({"bert", "nobody"}).send("Note", "for bert");
  EXPECT_EQ(anna.read(), R"({"type":1,"target":"Note","arguments":["for anna"]})");
  EXPECT_EQ(bert.read(), R"({"type":1,"target":"Note","arguments":["for bert"]})");
}

TEST(signalr_hub_context, a_user_id_provider_that_throws_fails_the_handshake) {
  test_server server(serving([](auto& options) {
    options.hub.user_id_provider = [](const claims_principal&,
                                      const signalr::request_info&) -> std::string {
      throw std::runtime_error("secret");
    };
  }));
  hub_client client(server.port());
  EXPECT_EQ(client.handshake_answer(),
            R"({"error":"An unexpected error occurred during connection handshake."})");
  client.socket().expect_close(1000);
}

/// Told by others of its kind through a context that it was made with.
struct self_aware_hub : signalr::hub {
  explicit self_aware_hub(signalr::hub_context<self_aware_hub> context) : all_(context) {}
  void tell() { all_.clients().all().send("Told", 1); }
  static void define(signalr::hub_methods<self_aware_hub>& methods) {
    methods.add("Tell", &self_aware_hub::tell);
  }
  signalr::hub_context<self_aware_hub> all_;
};

TEST(signalr_hub_context, of_a_hub_is_given_to_the_hub_itself) {
  test_server server([](web_application& app) {
    app.add(signalr::map_hub<self_aware_hub>("/hub", signalr::hub_context<self_aware_hub>(app)));
  });
  hub_client client(server.port());
  EXPECT_EQ(client.call("Tell", ""), R"({"type":1,"target":"Told","arguments":[1]})");
}

TEST(signalr_hub_context, needs_a_mapped_hub) {
  web_application app;
  EXPECT_THROW(signalr::hub_context<plain_hub>(app).clients(), std::logic_error);
}

// Filters, services, definitions.

class recording_filter : public signalr::hub_filter {
 public:
  recording_filter(std::string name, std::vector<std::string>& record)
      : name_(std::move(name)), record_(record) {}

  task<signalr::hub_result> invoke_method(signalr::hub_invocation& call,
                                          invocation_next next) override {
    record_.push_back(name_ + " before " + call.method_name);
    if (call.method_name == "Add") {
      auto changed = call.arguments();
      changed[0] = 40;
      call.set_arguments(std::move(changed));
    }
    auto going_on = next();
    auto result = co_await going_on;
    record_.push_back(name_ + " after " + result.value().dump());
    if (call.method_name == "Echo") result = signalr::json("changed");
    co_return result;
  }
  task<void> on_connected(signalr::hub&, lifetime_next next) override {
    record_.push_back(name_ + " connected");
    return next();
  }
  task<void> on_disconnected(signalr::hub&, std::exception_ptr, lifetime_next next) override {
    record_.push_back(name_ + " disconnected");
    return next();
  }

 private:
  std::string name_;
  std::vector<std::string>& record_;
};

TEST(signalr_filters, wrap_calls_in_their_order) {
  std::vector<std::string> record;
  {
    test_server server([&](web_application& app) {
      app.add(signalr::defaults([&](signalr::hub_options& options) {
        options.add_filter(std::make_shared<recording_filter>("global", record));
      }));
      app.add(signalr::map_hub<plain_hub>("/hub", [&](signalr::hub_endpoint_options& options) {
        options.connection.websocket_close_timeout = 100ms;
        options.hub.add_filter<recording_filter>(std::string("own"), std::ref(record));
      }));
    });
    hub_client client(server.port());
    EXPECT_EQ(client.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":42})");
    EXPECT_EQ(client.call("Echo", "\"x\""), R"({"type":3,"invocationId":"1","result":"changed"})");
    EXPECT_EQ(client.call("Add", "1,\"x\""),
              R"({"type":3,"invocationId":"1","error":"Failed to invoke 'Add' due to an error on )"
              R"(the server."})");
    client.send(R"({"type":7})");
    client.read();
    client.socket().expect_close(1000);
  }
  EXPECT_EQ(record, (std::vector<std::string>{
                        "global connected", "own connected", "global before Add", "own before Add",
                        "own after 42", "global after 42", "global before Echo", "own before Echo",
                        "own after \"x\"", "global after \"changed\"", "global before Add",
                        "own before Add", "global disconnected", "own disconnected"}));
}

/// A hub of which no object can be made.
struct unmade_hub : signalr::hub {
  unmade_hub() { throw signalr::hub_error("no service"); }
  static void define(signalr::hub_methods<unmade_hub>&) {}
};

TEST(signalr_hub, a_hub_that_cannot_be_made_leaves_nobody_behind) {
  test_server server([](web_application& app) {
    app.add(signalr::map_hub<unmade_hub>("/hub", [](signalr::hub_endpoint_options& options) {
      options.connection.websocket_close_timeout = 100ms;
    }));
  });
  hub_client client(server.port());
  EXPECT_EQ(client.read(),
            R"({"type":7,"error":"Connection closed with an error. HubException: no service"})");
  client.socket().expect_close(1000);
  EXPECT_EQ(signalr::hub_context<unmade_hub>(server.app()).clients().count(), 0U);
}

TEST(signalr_definition, refuses_names_that_occur_twice) {
  struct twice : signalr::hub {
    void one() {}
    static void define(signalr::hub_methods<twice>& methods) {
      methods.add("Same", &twice::one).add("sAME", &twice::one);
    }
  };
  try {
    signalr::define_hub<twice>();
    FAIL() << "was taken";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "Duplicate definitions of 'sAME'. Overloading is not supported.");
  }
}

TEST(signalr_definition, refuses_options_out_of_range) {
  const auto refuses = [](auto change) {
    web_application app;
    EXPECT_THROW(app.add(signalr::map_hub<plain_hub>("/hub", configuration(change))),
                 std::invalid_argument);
  };
  refuses([](auto& each) { each.hub.keep_alive_interval = 0ms; });
  refuses([](auto& each) { each.hub.client_timeout_interval = 10ms; });
  refuses([](auto& each) { each.hub.handshake_timeout = 0ms; });
  refuses([](auto& each) { each.hub.maximum_receive_message_size = 0; });
  refuses([](auto& each) { each.hub.stream_buffer_capacity = 0; });
  refuses([](auto& each) { each.hub.maximum_parallel_invocations_per_client = 0; });
  refuses([](auto& each) { each.hub.supported_protocols = {"xml"}; });
  refuses([](auto& each) { each.hub.stateful_reconnect_buffer_size = 0; });
  refuses([](auto& each) { each.connection.transports = signalr::transport_type::none; });
}

}  // namespace
}  // namespace saker::testing
