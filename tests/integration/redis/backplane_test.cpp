// Several servers on one Redis.

#include <gtest/gtest.h>
#include <malloc.h>

#include <stop_token>
#include <thread>
#include <vector>

#include "redis/cluster.hpp"
#include "signalr/backplane/messages.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;
using signalr::json;

template <class Delivery>
task<void> awaited(Delivery what) {
  co_await what;
}

void finish(signalr::delivery what) { sync_wait(awaited(std::move(what))); }

/// Answers the next question of the server with a result, as a client does.
void answer(cluster_client& client, const std::string& result) {
  const auto question = json::parse(client.raw().read());
  client.raw().send(R"({"type":3,"invocationId":)" + question["invocationId"].dump() +
                    R"(,"result":)" + result + "}");
}

class redis_backplane : public ::testing::TestWithParam<bool> {
 protected:
  redis_server redis;
  cluster_server left{redis, [](auto& options) { options.deliver_locally_first = GetParam(); }};
  cluster_server right{redis, [](auto& options) { options.deliver_locally_first = GetParam(); }};
};

INSTANTIATE_TEST_SUITE_P(local_first, redis_backplane, ::testing::Bool());

TEST_P(redis_backplane, sends_to_all_and_all_but_some) {
  cluster_client one(left);
  cluster_client two(right);
  cluster_client three(right);
  left.clients().all().send("Note", "to all");
  left.clients().all_except({one.id(), three.id()}).send("Note", "to two");
  left.clients().all().send("Note", "end");
  EXPECT_EQ(one.note(), "to all");
  EXPECT_EQ(one.note(), "end");
  EXPECT_EQ(two.note(), "to all");
  EXPECT_EQ(two.note(), "to two");
  EXPECT_EQ(two.note(), "end");
  EXPECT_EQ(three.note(), "to all");
  EXPECT_EQ(three.note(), "end");
  right.clients().all_except({two.id()}).send("Note", "back");
  EXPECT_EQ(one.note(), "back");
  EXPECT_EQ(three.note(), "back");
}

TEST_P(redis_backplane, sends_to_groups) {
  cluster_client one(left);
  cluster_client two(right);
  cluster_client three(right);
  finish(left.groups().add_to_group(one.id(), "a"));
  finish(right.groups().add_to_group(two.id(), "a"));
  finish(right.groups().add_to_group(three.id(), "b"));
  left.clients().group("a").send("Note", "to a");
  EXPECT_EQ(one.note(), "to a");
  EXPECT_EQ(two.note(), "to a");
  left.clients().groups({"a", "b"}).send("Note", "to a and b");
  EXPECT_EQ(one.note(), "to a and b");
  EXPECT_EQ(two.note(), "to a and b");
  EXPECT_EQ(three.note(), "to a and b");
  left.clients().group_except("a", {two.id()}).send("Note", "but two");
  left.clients().all().send("Note", "end");
  EXPECT_EQ(one.note(), "but two");
  EXPECT_EQ(two.note(), "end");
  EXPECT_EQ(three.note(), "end");
}

TEST_P(redis_backplane, sends_to_groups_whatever_they_are_called) {
  cluster_client one(left, "ann");
  cluster_client two(right, "ann");
  const std::vector<std::string> names{
      "all", "user:ann", "group:a", "internal:groups", "connection:" + one.id(), two.id()};
  for (const auto& each : names) {
    finish(left.groups().add_to_group(two.id(), each));
    left.clients().group(each).send("Note", "group " + each);
    EXPECT_EQ(two.note(), "group " + each);
  }
  left.clients().all().send("Note", "end");
  EXPECT_EQ(one.note(), "end");
  EXPECT_EQ(two.note(), "end");
}

TEST_P(redis_backplane, reaches_those_who_come_back_to_a_group) {
  cluster_client far(right);
  for (int i = 0; i < 20; ++i) {
    finish(left.groups().add_to_group(far.id(), "a"));
    left.clients().group("a").send("Note", std::to_string(i));
    EXPECT_EQ(far.note(), std::to_string(i));
    finish(left.groups().remove_from_group(far.id(), "a"));
  }
}

TEST_P(redis_backplane, changes_groups_of_connections_on_other_servers) {
  cluster_client far(right);
  finish(left.groups().add_to_group(far.id(), "a"));
  EXPECT_EQ(right.groups().members("a"), std::vector<std::string>{far.id()});
  left.clients().group("a").send("Note", "in");
  EXPECT_EQ(far.note(), "in");
  finish(left.groups().remove_from_group(far.id(), "a"));
  EXPECT_EQ(right.groups().count("a"), 0u);
  wait_until([&] { return redis.subscribers("Tests.SharedHub:group:a") == 0; },
             "The channel of an empty group is still subscribed.");
}

TEST_P(redis_backplane, sends_to_users_and_connections) {
  cluster_client here(left, "ann");
  cluster_client there(right, "ann");
  cluster_client other(right, "bob");
  left.clients().user("ann").send("Note", "ann");
  EXPECT_EQ(here.note(), "ann");
  EXPECT_EQ(there.note(), "ann");
  left.clients().users({"bob", "nobody"}).send("Note", "bob");
  EXPECT_EQ(other.note(), "bob");
  left.clients().client(other.id()).send("Note", "one");
  EXPECT_EQ(other.note(), "one");
  left.clients().clients({here.id(), there.id(), "nobody"}).send("Note", "some");
  EXPECT_EQ(here.note(), "some");
  EXPECT_EQ(there.note(), "some");
}

TEST_P(redis_backplane, asks_clients_of_other_servers) {
  cluster_client far(right);
  auto asking = std::jthread([&] { answer(far, "42"); });
  EXPECT_EQ(sync_wait(left.clients().client(far.id()).invoke<int>("Ask", "?")), 42);
  asking.join();

  auto wrong = std::jthread([&] { answer(far, "\"text\""); });
  EXPECT_THROW(sync_wait(left.clients().client(far.id()).invoke<int>("Ask", "?")),
               signalr::hub_error);
  wrong.join();

  try {
    sync_wait(left.clients().client("nobody").invoke<int>("Ask"));
    ADD_FAILURE();
  } catch (const signalr::named_error& error) {
    EXPECT_EQ(error.name(), "IOException");
    EXPECT_STREQ(error.what(), "Connection 'nobody' does not exist.");
  }

  auto leaving = std::jthread([&] {
    far.raw().read();
    far.raw().socket().channel().send_all(client_frame{.opcode = 8}.bytes());
  });
  try {
    sync_wait(left.clients().client(far.id()).invoke<int>("Ask"));
    ADD_FAILURE();
  } catch (const signalr::hub_error& error) {
    EXPECT_EQ(std::string(error.what()), "Connection '" + far.id() + "' disconnected.");
  }
}

TEST_P(redis_backplane, gives_up_asking_when_it_is_told_to) {
  cluster_client far(right);
  std::stop_source stop;
  auto stopping = std::jthread([&] {
    far.raw().read();
    stop.request_stop();
  });
  try {
    sync_wait(left.clients().client(far.id()).invoke_until<int>(stop.get_token(), "Ask"));
    ADD_FAILURE();
  } catch (const signalr::hub_error& error) {
    EXPECT_STREQ(error.what(), "Invocation canceled by the server.");
  }
}

TEST_P(redis_backplane, leaves_no_subscription_behind) {
  {
    cluster_client one(left, "ann");
    cluster_client two(left, "ann");
    finish(left.groups().add_to_group(one.id(), "a"));
    EXPECT_EQ(redis.subscribers("Tests.SharedHub:user:ann"), 1);
    EXPECT_EQ(redis.subscribers("Tests.SharedHub:group:a"), 1);
    EXPECT_EQ(redis.subscribers("Tests.SharedHub:connection:" + one.id()), 1);
  }
  wait_until(
      [&] {
        const auto channels = redis.ask({"PUBSUB", "CHANNELS"});
        // all, internal:groups, and two of each server.
        return redis::elements_of(*channels).size() == 6;
      },
      "Channels of connections that have gone are still subscribed.");
}

TEST_P(redis_backplane, keeps_the_order_of_a_channel) {
  cluster_client far(right);
  finish(right.groups().add_to_group(far.id(), "a"));
  for (int i = 0; i < 2'000; ++i) left.clients().group("a").send("Note", std::to_string(i));
  for (int i = 0; i < 2'000; ++i) ASSERT_EQ(far.note(), std::to_string(i));
  wait_until([&] { return left.metrics().pending_bytes == 0; }, "Redis has not confirmed all.");
  EXPECT_EQ(left.metrics().published, 2'000u);
  EXPECT_EQ(left.metrics().publishes_failed, 0u);
}

TEST(redis_backplane_local_first, recognises_its_own_messages) {
  redis_server redis;
  cluster_server server(redis, [](auto& options) { options.deliver_locally_first = true; });
  cluster_client client(server);
  for (int i = 0; i < 100; ++i) server.clients().all().send("Note", std::to_string(i));
  wait_until([&] { return server.metrics().echoes_skipped == 100; }, "Echoes have not come back.");
  server.clients().all().send("Note", "end");
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.note(), std::to_string(i));
  EXPECT_EQ(client.note(), "end");
}

// What other servers may send.

class redis_backplane_peer : public ::testing::Test {
 protected:
  /// As a server of another kind would.
  long long publish(const std::string& purpose, const std::string& payload) {
    return redis.ask({"PUBLISH", "Tests.SharedHub:" + purpose, payload})->integer;
  }
  static std::string note(const std::string& text) {
    return R"({"type":1,"target":"Note","arguments":[")" + text + "\"]}\x1e";
  }

  redis_server redis;
  cluster_server server{redis};
  cluster_client client{server, "ann"};
};

TEST_F(redis_backplane_peer, is_understood) {
  using namespace signalr::backplane;
  EXPECT_EQ(publish("all", write(invocation{.messages = {{"json", note("all")}}})), 1);
  EXPECT_EQ(publish("user:ann", write(invocation{.messages = {{"json", note("user")}}})), 1);
  EXPECT_EQ(publish("group:everybody", write(invocation{.messages = {{"json", note("group")}}})),
            1);
  EXPECT_EQ(publish("connection:" + client.id(),
                    write(invocation{.messages = {{"json", note("connection")}}})),
            1);
  EXPECT_EQ(publish("all", write(invocation{.excluded = {client.id()},
                                            .messages = {{"json", note("not for it")}}})),
            1);
  EXPECT_EQ(publish("all", write(invocation{.messages = {{"json", note("end")}}})), 1);
  for (const auto* const each : {"all", "user", "group", "connection", "end"}) {
    EXPECT_EQ(client.note(), each);
  }
}

TEST_F(redis_backplane_peer, gets_what_it_expects) {
  using namespace signalr::backplane;
  auto peer = raw_client::connect(redis.port());
  peer.send_all(
      redis::command({"SUBSCRIBE", "Tests.SharedHub:all", "Tests.SharedHub:internal:ack:P",
                      "Tests.SharedHub:internal:return:P"}));
  redis::resp_reader reader;
  const auto next = [&] {
    for (;;) {
      if (auto reply = reader.next()) return reply;
      reader.feed(peer.read_some());
    }
  };
  for (int i = 0; i < 3; ++i) next();

  server.clients().all_except({"x"}).send("Note", "hi");
  const auto sent = next();
  const auto message = read_invocation(redis::text_of(*redis::elements_of(*sent)[2]));
  EXPECT_EQ(message.excluded, std::vector<std::string>{"x"});
  EXPECT_EQ(message.messages.at("json"), note("hi"));
  EXPECT_EQ(message.messages.count("messagepack"), 1u);

  publish("internal:groups", write(group_command{42, "P", group_action::add, "g", client.id()}));
  const auto ack = next();
  EXPECT_EQ(redis::text_of(*redis::elements_of(*ack)[2]), write_ack(42));
  EXPECT_EQ(server.groups().count("g"), 1u);

  const std::string question = R"({"type":1,"invocationId":"q","target":"Ask","arguments":[]})";
  publish("connection:" + client.id(),
          write(invocation{.messages = {{"json", question + "\x1e"}},
                           .invocation_id = "q",
                           .return_channel = "Tests.SharedHub:internal:return:P"}));
  EXPECT_EQ(client.note(), "hi");
  answer(client, "7");
  const auto returned = next();
  const auto completed = read_completion(redis::text_of(*redis::elements_of(*returned)[2]));
  EXPECT_EQ(completed.protocol, "json");
  EXPECT_EQ(completed.message, "{\"type\":3,\"invocationId\":\"q\",\"result\":7}\x1e");
}

TEST_F(redis_backplane_peer, that_sends_nonsense_is_ignored) {
  using namespace signalr::backplane;
  publish("all", "nonsense");
  publish("all", "");
  publish("all", std::string(1'000'000, '\x91'));
  publish("internal:groups", "nonsense");
  publish("user:ann", "\x92\x90");
  wait_until([&] { return server.metrics().malformed == 5; }, "Not all have been counted.");
  publish("all", write(invocation{.messages = {{"json", note("fine")}}}));
  EXPECT_EQ(client.note(), "fine");
}

TEST_F(redis_backplane_peer, that_speaks_other_protocols_reaches_nobody) {
  using namespace signalr::backplane;
  publish("all", write(invocation{.messages = {{"protobuf", "?"}}}));
  wait_until([&] { return server.metrics().protocols_missing == 2; }, "It has not been counted.");
  publish("all", write(invocation{.messages = {{"protobuf", "?"}, {"json", note("both")}}}));
  EXPECT_EQ(client.note(), "both");
  EXPECT_EQ(server.metrics().malformed, 0u);
}

TEST_F(redis_backplane_peer, that_never_acknowledges_is_given_up) {
  cluster_server hasty(redis, [](auto& options) { options.acknowledgement_timeout = 100ms; });
  try {
    finish(hasty.groups().add_to_group("nobody", "a"));
    ADD_FAILURE();
  } catch (const signalr::named_error& error) {
    EXPECT_EQ(error.name(), "OperationCanceledException");
  }
}

TEST(redis_backplane_changes, of_groups_leave_nothing_once_they_are_acknowledged) {
  redis_server redis;
  cluster_server left(redis);
  cluster_server right(redis);
  cluster_client far(right);
  const auto change = [&](int times) {
    for (int i = 0; i < times; ++i) {
      finish(left.groups().add_to_group(far.id(), "a"));
      finish(left.groups().remove_from_group(far.id(), "a"));
    }
  };
  change(100);
  const auto before = ::mallinfo2().uordblks;
  change(2'000);
  // A task that waits for each of them until it could be late would hold some 500 bytes.
  EXPECT_LT(::mallinfo2().uordblks, before + 256 * 1024);
}

TEST(redis_backplane_hubs, do_not_hear_each_other) {
  redis_server redis;
  cluster_server here(redis);
  cluster_server there(redis, [](auto& options) { options.channel_prefix = "other-"; });
  cluster_client one(here);
  cluster_client two(there);
  here.clients().all().send("Note", "here");
  EXPECT_EQ(one.note(), "here");
  there.clients().all().send("Note", "there");
  EXPECT_EQ(two.note(), "there");
}

TEST(redis_backplane_hubs, are_called_by_their_types) {
  redis_server redis;
  test_server server([&](web_application& app) {
    app.add(signalr::redis_backplane({.url = redis.url()}));
    app.add(signalr::map_hub<shared_hub>("/hub"));
  });
  wait_until([&] { return redis.subscribers("saker.testing.shared_hub:all") == 1; },
             "The hub's channel has another name.");
}

TEST(redis_backplane_options, are_checked) {
  const auto refused = [](auto&& change) {
    web_application app;
    signalr::redis_backplane_options options;
    change(options);
    EXPECT_THROW(app.add(signalr::redis_backplane(options)), std::invalid_argument);
  };
  refused([](auto& options) { options.url = "http://127.0.0.1"; });
  refused([](auto& options) { options.connect_timeout = 0ms; });
  refused([](auto& options) { options.minimum_reconnect_delay = 0ms; });
  refused([](auto& options) { options.maximum_reconnect_delay = 1ms; });
  refused([](auto& options) { options.keep_alive_interval = 999ms; });
  refused([](auto& options) { options.publish_timeout = -1ms; });
  refused([](auto& options) { options.publish_buffer_size = 0; });
  refused([](auto& options) { options.acknowledgement_timeout = 0ms; });
  refused([](auto& options) { options.sentinel_master = ""; });
  refused([](auto& options) { options.sentinels = {"host:port"}; });
  refused([](auto& options) {
    options.sharded = true;
    options.sentinels = {"host"};
  });
  refused([](auto& options) {
    options.url = "rediss://127.0.0.1";
    options.certificate_authorities = "/nowhere.pem";
  });

  web_application app;
  EXPECT_THROW(signalr::redis_metrics(app), std::logic_error);
  app.add(signalr::redis_backplane({}));
  EXPECT_THROW(app.add(signalr::redis_backplane({})), std::logic_error);
  web_application mapped;
  mapped.add(signalr::map_hub<shared_hub>("/hub"));
  EXPECT_THROW(mapped.add(signalr::redis_backplane({})), std::logic_error);
}

}  // namespace
}  // namespace saker::testing
