// How servers reach their Redis, and what happens when they do not.

#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <vector>

#include "redis/bus.hpp"
#include "redis/cluster.hpp"
#include "redis/slots.hpp"
#include "support/test_certificate.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;
using configuration = std::function<void(signalr::redis_backplane_options&)>;

void expect_exchange(cluster_server& left, cluster_server& right) {
  cluster_client one(left);
  cluster_client two(right);
  left.clients().all().send("Note", "from left");
  EXPECT_EQ(one.note(), "from left");
  EXPECT_EQ(two.note(), "from left");
  right.clients().all().send("Note", "from right");
  EXPECT_EQ(one.note(), "from right");
  EXPECT_EQ(two.note(), "from right");
}

void wait_until_connected(cluster_server& server, bool connected = true) {
  wait_until([&] { return server.metrics().connected == connected; },
             connected ? "Redis was not found." : "The loss of Redis was not noticed.");
}

task<void> awaited(signalr::delivery what) { co_await what; }

std::string failure_of(signalr::delivery what) {
  try {
    sync_wait(awaited(std::move(what)));
  } catch (const signalr::named_error& error) {
    return error.name() + ": " + error.what();
  }
  return {};
}

TEST(redis_bus, publishes_what_it_was_given_before_its_start) {
  redis_server redis;
  redis::bus_settings settings;
  settings.seeds = {{"127.0.0.1", redis.port()}};
  settings.link.client_name = "test";
  redis::bus bus(settings);
  std::promise<redis::publish_result> outcome;
  bus.publish("channel", "message",
              [&](const redis::publish_result& result) { outcome.set_value(result); });
  bus.start();
  auto result = outcome.get_future();
  ASSERT_EQ(result.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(result.get().error, "");
}

TEST(redis_bus, takes_nothing_when_it_has_ended) {
  redis::bus_settings settings;
  settings.seeds = {{"127.0.0.1", 1}};
  redis::bus bus(settings);
  bus.start();
  bus.stop();
  std::string error;
  bus.publish("channel", "message", [&](const auto& result) { error = result.error; });
  EXPECT_EQ(error, "The server has ended.");
  EXPECT_EQ(bus.counters().pending_bytes, 0U);
}

TEST(redis_bus, counts_what_small_messages_cost) {
  redis::bus_settings settings;
  settings.seeds = {{"127.0.0.1", 1}};
  settings.publish_buffer_size = 100'000;
  redis::bus bus(settings);
  int refused = 0;
  for (int i = 0; i < 1'000; ++i) {
    bus.publish("c", "", [&](const auto& result) { refused += result.error.empty() ? 0 : 1; });
  }
  EXPECT_GT(refused, 600);
  bus.start();
  bus.stop();
  EXPECT_EQ(refused, 1'000);
}

TEST(redis_connection, signs_in_with_a_password) {
  redis_server redis({"--requirepass", "open sesame"});
  const configuration with_password = [&](auto& options) {
    options.url = "redis://:open%20sesame@127.0.0.1:" + std::to_string(redis.port()) + "/3";
  };
  cluster_server left(redis, with_password);
  cluster_server right(redis, with_password);
  expect_exchange(left, right);
}

TEST(redis_connection, signs_in_as_a_user_who_may_do_little) {
  redis_server redis({"--user", "chat", "on", ">secret", "resetchannels", "&Tests.*", "-@all",
                      "+publish", "+subscribe", "+unsubscribe", "+ping"});
  const configuration as_user = [&](auto& options) {
    options.url = "redis://chat:secret@127.0.0.1:" + std::to_string(redis.port());
  };
  cluster_server left(redis, as_user);
  cluster_server right(redis, as_user);
  expect_exchange(left, right);
}

TEST(redis_connection, that_is_refused_costs_no_client) {
  redis_server redis({"--requirepass", "secret"});
  cluster_server server(redis, [](auto& options) { options.deliver_locally_first = true; });
  cluster_client client(server);
  server.clients().all().send("Note", "local");
  EXPECT_EQ(client.note(), "local");
  EXPECT_FALSE(server.metrics().connected);
}

TEST(redis_connection, goes_through_a_unix_socket) {
  temporary_directory place;
  redis_server redis({"--unixsocket", place.file("redis.sock")});
  const configuration local = [&](auto& options) {
    options.url = "unix://" + place.file("redis.sock");
  };
  cluster_server left(redis, local);
  cluster_server right(redis);
  expect_exchange(left, right);
}

TEST(redis_connection, goes_through_tls) {
  temporary_directory place;
  const auto certificate = test_certificate::for_server("redis");
  const auto file = place.write("redis.crt", certificate.certificate_pem());
  const auto key = place.write("redis.key", certificate.key_pem());
  const auto port = redis_server::free_port();
  redis_server redis({"--tls-port", std::to_string(port), "--tls-cert-file", file, "--tls-key-file",
                      key, "--tls-ca-cert-file", file, "--tls-auth-clients", "no"});
  const configuration trusting = [&](auto& options) {
    options.url = "rediss://127.0.0.1:" + std::to_string(port);
    options.certificate_authorities = file;
  };
  cluster_server left(redis, trusting);
  cluster_server right(redis, trusting);
  expect_exchange(left, right);

  // Somebody else's certificate.
  const auto other = place.write("other.crt", test_certificate::for_server("x").certificate_pem());
  cluster_server distrusting(redis, [&](auto& options) {
    trusting(options);
    options.deliver_locally_first = true;  // Then groups need no Redis.
    options.certificate_authorities = other;
  });
  cluster_client client(distrusting);
  EXPECT_FALSE(distrusting.metrics().connected);
  // The right certificate, of another host.
  cluster_server misled(redis, [&](auto& options) {
    trusting(options);
    options.deliver_locally_first = true;
    options.url = "rediss://localhost:" + std::to_string(port);
  });
  cluster_client another(misled);
  EXPECT_FALSE(misled.metrics().connected);
}

TEST(redis_connection, comes_back) {
  redis_server redis;
  cluster_server left(redis, [](auto& options) { options.deliver_locally_first = true; });
  cluster_server right(redis);
  cluster_client one(left);
  cluster_client two(right);
  redis.kill();
  wait_until_connected(left, false);
  wait_until_connected(right, false);
  EXPECT_EQ(left.metrics().connections_lost, 1u);

  left.clients().all().send("Note", "while it is away");
  EXPECT_EQ(one.note(), "while it is away");
  // Who comes now is served as well.
  cluster_client late(left);
  EXPECT_EQ(left.groups().count("everybody"), 2u);

  redis.restart();
  wait_until_connected(left);
  wait_until_connected(right);
  right.clients().group("everybody").send("Note", "again");
  EXPECT_EQ(one.note(), "again");
  EXPECT_EQ(late.note(), "again");
  auto heard = two.note();
  // What waited has come if this server was subscribed again by then.
  if (heard == "while it is away") heard = two.note();
  EXPECT_EQ(heard, "again");
  expect_exchange(left, right);
}

TEST(redis_connection, sends_what_has_waited) {
  redis_server redis;
  cluster_server server(redis, [](auto& options) { options.publish_timeout = 10s; });
  cluster_client client(server);
  redis.kill();
  wait_until_connected(server, false);
  for (int i = 0; i < 100; ++i) server.clients().all().send("Note", std::to_string(i));
  EXPECT_GT(server.metrics().pending_bytes, 0u);
  redis.restart();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.note(), std::to_string(i));
  wait_until([&] { return server.metrics().pending_bytes == 0; }, "Something still waits.");
  EXPECT_EQ(server.metrics().publishes_failed, 0u);
}

TEST(redis_connection, fails_what_waits_too_long_or_is_too_much) {
  redis_server redis;
  cluster_server server(redis, [](auto& options) {
    options.publish_timeout = 200ms;
    options.publish_buffer_size = 100'000;
  });
  cluster_client client(server);
  redis.kill();
  wait_until_connected(server, false);
  EXPECT_EQ(failure_of(server.clients().all().send("Note", "late")),
            "RedisConnectionException: Redis could not be reached within 200 ms.");
  EXPECT_EQ(
      failure_of(server.clients().all().send("Note", std::string(100'000, 'x'))),
      "RedisConnectionException: Too much waits to be published; Redis is too slow, or away.");
  EXPECT_EQ(server.metrics().publishes_failed, 2u);
  EXPECT_EQ(server.metrics().pending_bytes, 0u);
  // A question fails in the same way.
  EXPECT_THROW(sync_wait(server.clients().client("far").invoke<int>("Ask")), signalr::named_error);
}

TEST(redis_connection, that_is_away_makes_who_changes_groups_wait_and_fails) {
  redis_server redis;
  cluster_server server(redis, [](auto& options) { options.publish_timeout = 200ms; });
  cluster_client client(server);
  redis.kill();
  wait_until_connected(server, false);
  EXPECT_EQ(failure_of(server.groups().add_to_group(client.id(), "new")),
            "RedisConnectionException: Redis could not be reached within 200 ms.");
  // Also that of a connection which is elsewhere, before nobody has acknowledged it for 30 s.
  EXPECT_EQ(failure_of(server.groups().add_to_group("far", "new")),
            "RedisConnectionException: Redis could not be reached within 200 ms.");
  // It is a member all the same, and reached when Redis is back.
  EXPECT_EQ(server.groups().count("new"), 1U);
  redis.restart();
  wait_until_connected(server);
  server.clients().group("new").send("Note", "reached");
  EXPECT_EQ(client.note(), "reached");
}

TEST(redis_connection, that_comes_back_in_time_completes_changes_of_groups) {
  redis_server redis;
  cluster_server server(redis, [](auto& options) { options.publish_timeout = 60s; });
  cluster_client client(server);
  redis.kill();
  wait_until_connected(server, false);
  auto adding = std::async(std::launch::async, [&] {
    return failure_of(server.groups().add_to_group(client.id(), "new"));
  });
  EXPECT_EQ(adding.wait_for(300ms), std::future_status::timeout);
  redis.restart();
  EXPECT_EQ(adding.get(), "");
}

TEST(redis_connection, to_a_redis_that_stands_still_is_given_up) {
  redis_server redis;
  cluster_server server(redis, [](auto& options) { options.keep_alive_interval = 1s; });
  cluster_client client(server);
  redis.signal(SIGSTOP);
  const auto failure = failure_of(server.clients().all().send("Note", "unconfirmed"));
  EXPECT_NE(failure.find("Redis was lost before it confirmed the message"), std::string::npos);
  EXPECT_FALSE(server.metrics().connected);
  redis.signal(SIGCONT);
  wait_until_connected(server);
  server.clients().all().send("Note", "found");
  auto heard = client.note();
  // Redis may have read it before it stood still, and have us back before it goes on.
  if (heard == "unconfirmed") heard = client.note();
  EXPECT_EQ(heard, "found");
}

TEST(redis_connection, that_redis_ends_for_its_output_buffer_comes_back) {
  redis_server redis({"--client-output-buffer-limit", "pubsub 100kb 0 0"});
  cluster_server left(redis);
  cluster_server right(redis);
  cluster_client one(left);
  cluster_client two(right);
  left.clients().all().send("Note", std::string(200'000, 'x'));
  wait_until(
      [&] { return left.metrics().connections_lost + right.metrics().connections_lost == 2; },
      "Redis has not ended the connections.");
  wait_until_connected(left);
  wait_until_connected(right);
  expect_exchange(left, right);
}

TEST(redis_connection, to_what_is_no_redis_is_tried_again) {
  test_server http([](web_application& app) {
    app.map_get("/", [](http_context& context) { return context.response().send("no Redis"); });
  });
  redis_server redis;
  cluster_server server(redis, [&](auto& options) {
    options.url = "redis://127.0.0.1:" + std::to_string(http.port());
    options.connect_timeout = 300ms;
    options.deliver_locally_first = true;
  });
  cluster_client client(server);
  server.clients().all().send("Note", "local");
  EXPECT_EQ(client.note(), "local");
  EXPECT_FALSE(server.metrics().connected);
}

TEST(redis_sentinel, names_the_master_also_after_a_failover) {
  redis_server first;
  redis_server second({"--replicaof", "127.0.0.1 " + std::to_string(first.port())});
  temporary_directory place;
  const auto port = redis_server::free_port();
  const auto configuration_file = place.write(
      "sentinel.conf", "port " + std::to_string(port) + "\nbind 127.0.0.1\ndir " + place.file("") +
                           "\nsentinel monitor chat 127.0.0.1 " + std::to_string(first.port()) +
                           " 1\nsentinel down-after-milliseconds chat 500\n"
                           "sentinel failover-timeout chat 3000\n");
  program sentinel({SAKER_REDIS_SERVER, configuration_file, "--sentinel"});
  sentinel.wait_for_output("+slave slave");
  const configuration by_sentinel = [&](auto& options) {
    options.url = "redis://nobody.invalid";
    options.sentinels = {"127.0.0.1:1", "127.0.0.1:" + std::to_string(port)};
    options.sentinel_master = "chat";
  };
  cluster_server left(first, by_sentinel);
  cluster_server right(first, by_sentinel);
  expect_exchange(left, right);
  EXPECT_EQ(first.subscribers("Tests.SharedHub:all"), 2);
  first.kill();
  wait_until_connected(left, false);
  sentinel.wait_for_output("+switch-master");
  wait_until_connected(left);
  wait_until_connected(right);
  expect_exchange(left, right);
  EXPECT_EQ(second.subscribers("Tests.SharedHub:all"), 2);
}

/// Channels are let go and taken again before Redis has answered, each time a little later; in the
/// end they are as they were left last. Both counts are those of Redis.
void leave_and_join(cluster_server& server, const std::function<long long(std::string)>& count) {
  cluster_client client(server);
  for (int i = 0; i < 200; ++i) {
    const auto group = "often " + std::to_string(i % 4);
    server.groups().add_to_group(client.id(), group);
    server.groups().remove_from_group(client.id(), group);
    server.groups().add_to_group(client.id(), group);
    std::this_thread::sleep_for(std::chrono::microseconds(i * 10));
    if (i % 3 == 0) server.groups().remove_from_group(client.id(), group);
  }
  for (int i = 0; i < 4; ++i) {
    const auto group = "often " + std::to_string(i);
    sync_wait(awaited(server.groups().add_to_group(client.id(), group)));
    EXPECT_EQ(count("Tests.SharedHub:group:" + group), 1);
    server.clients().group(group).send("Note", group);
    EXPECT_EQ(client.note(), group);
    server.groups().remove_from_group(client.id(), group);
    wait_until([&] { return count("Tests.SharedHub:group:" + group) == 0; },
               "A group that nobody is in is still subscribed.");
  }
}

TEST(redis_connection, that_is_told_of_channels_again_and_again_has_those_that_are_left) {
  redis_server redis;
  cluster_server server(redis);
  leave_and_join(server, [&](const std::string& channel) { return redis.subscribers(channel); });
}

/// Masters with a third of the slots each.
class redis_cluster : public ::testing::Test {
 protected:
  redis_cluster() {
    constexpr int last = 16'383;
    for (int i = 0; i < 3; ++i) {
      nodes.push_back(std::make_unique<redis_server>(
          std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-node-timeout", "2000"}));
    }
    for (int i = 0; i < 3; ++i) {
      const auto first = i == 0 ? 0 : last * i / 3 + 1;
      nodes[static_cast<std::size_t>(i)]->ask(
          {"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last * (i + 1) / 3)});
    }
    for (const auto& each : nodes) {
      nodes[0]->ask({"CLUSTER", "MEET", "127.0.0.1", std::to_string(each->port())});
    }
    for (const auto& each : nodes) {
      wait_until(
          [&] {
            const auto state = each->ask({"CLUSTER", "INFO"});
            const auto text = redis::text_of(*state);
            return text.find("cluster_state:ok") != std::string_view::npos &&
                   text.find("cluster_known_nodes:3") != std::string_view::npos;
          },
          "The cluster has not come together.");
    }
  }

  /// Which node has the channel for all.
  std::size_t owner_of_all() const { return slot / 5462; }

  long long sharded_subscribers(const std::string& channel) {
    long long sum = 0;
    for (const auto& each : nodes) {
      const auto reply = each->ask({"PUBSUB", "SHARDNUMSUB", channel});
      sum += redis::elements_of(*reply)[1]->integer;
    }
    return sum;
  }

  void set_slot(std::uint16_t which, std::size_t on, const std::string& state, std::size_t owner) {
    const auto id = nodes[owner]->ask({"CLUSTER", "MYID"});
    const auto done = nodes[on]->ask(
        {"CLUSTER", "SETSLOT", std::to_string(which), state, std::string(redis::text_of(*id))});
    ASSERT_EQ(redis::text_of(*done), "OK");
  }
  void set_owner(std::uint16_t which, std::initializer_list<std::size_t> on, std::size_t owner) {
    for (const auto index : on) set_slot(which, index, "NODE", owner);
  }
  /// Moves a slot in which there is nothing.
  void move(std::uint16_t which, std::size_t from, std::size_t to) {
    set_slot(which, to, "IMPORTING", from);
    set_slot(which, from, "MIGRATING", to);
    set_owner(which, {to, from, (from + 2) % 3}, to);
  }

  const std::uint16_t slot = redis::slot_of("Tests.SharedHub:all");
  std::vector<std::unique_ptr<redis_server>> nodes;
};

task<std::string> outcome_of(completion_source<std::string> source) { co_return co_await source; }

struct deaf final : redis::channel_receiver {
  void on_message(std::string_view, std::string_view) override {}
};

TEST_F(redis_cluster, follows_a_failover) {
  const auto owner = owner_of_all();
  redis_server replica({"--cluster-enabled", "yes", "--cluster-node-timeout", "2000"});
  replica.ask({"CLUSTER", "MEET", "127.0.0.1", std::to_string(nodes[owner]->port())});
  const auto id = nodes[owner]->ask({"CLUSTER", "MYID"});
  wait_until(
      [&] {
        const auto done = replica.ask({"CLUSTER", "REPLICATE", std::string(redis::text_of(*id))});
        return redis::text_of(*done) == "OK";
      },
      "There is no replica.");
  const auto wait_for = [&](const redis_server& on, std::vector<std::string> question,
                            std::string_view part) {
    wait_until(
        [&] {
          const auto answer = on.ask(question);
          return redis::text_of(*answer).find(part) != std::string_view::npos;
        },
        "The cluster has not come to know it.");
  };
  wait_for(replica, {"INFO", "replication"}, "master_link_status:up");
  for (const auto& each : nodes) wait_for(*each, {"CLUSTER", "NODES"}, "slave");

  const configuration sharded = [](auto& options) { options.sharded = true; };
  const auto& seed = *nodes[(owner + 1) % 3];
  cluster_server left(seed, sharded);
  cluster_server right(seed, sharded);
  expect_exchange(left, right);
  nodes[owner]->kill();
  wait_until_connected(left, false);
  wait_for(replica, {"INFO", "replication"}, "role:master");
  wait_until_connected(left);
  wait_until_connected(right);
  expect_exchange(left, right);
}

TEST_F(redis_cluster, that_is_told_of_channels_again_and_again_has_those_that_are_left) {
  cluster_server server(*nodes[0], [](auto& options) { options.sharded = true; });
  leave_and_join(server, [&](const std::string& channel) { return sharded_subscribers(channel); });
}

/// The node that it was asked of first does not answer.
TEST_F(redis_cluster, confirms_a_channel_that_moves_while_it_is_asked_for) {
  const auto name_on = [](std::size_t node) {
    for (int i = 0;; ++i) {
      auto name = "channel " + std::to_string(i);
      if (redis::slot_of(name) / 5462U == node) return name;
    }
  };
  for (const auto& each : nodes) {
    each->ask({"CONFIG", "SET", "cluster-require-full-coverage", "no"});
  }
  const auto receiver = std::make_shared<deaf>();
  const auto channel = name_on(1);
  const auto other = name_on(2);
  redis::bus_settings settings;
  settings.seeds.push_back({"127.0.0.1", nodes[0]->port()});
  settings.sharded = true;
  redis::bus bus(std::move(settings));
  bus.start();
  wait_until([&] { return bus.counters().connected.load(); }, "It does not connect.");
  nodes[1]->signal(SIGSTOP);
  bus.subscribe(channel, receiver);
  std::promise<void> asked;
  bus.loop().post([&] { asked.set_value(); });
  asked.get_future().wait();
  const auto confirmed = bus.confirmation(channel, true);
  ASSERT_TRUE(confirmed);
  set_owner(redis::slot_of(channel), {2, 0}, 2);
  // What has been published tells the bus that it has an old map.
  set_owner(redis::slot_of(other), {0, 2}, 0);
  bus.publish(other, "message");
  auto outcome = std::async(std::launch::async, [&] { return sync_wait(outcome_of(*confirmed)); });
  if (outcome.wait_for(patience) != std::future_status::ready) bus.stop();
  nodes[1]->signal(SIGCONT);
  EXPECT_EQ(outcome.get(), "");
}

TEST_F(redis_cluster, knows_its_own_answers_from_channels_that_are_taken_away) {
  const auto receiver = std::make_shared<deaf>();
  const std::string channel = "left";
  auto& owner = *nodes[redis::slot_of(channel) / 5462];
  redis::bus_settings settings;
  settings.seeds.push_back({"127.0.0.1", nodes[0]->port()});
  settings.sharded = true;
  redis::bus bus(std::move(settings));
  bus.start();
  const auto wait_for_turn = [&] {
    std::promise<void> over;
    bus.loop().post([&] { over.set_value(); });
    over.get_future().wait();
  };
  const auto wait_for_subscribers = [&](long long count) {
    wait_until([&] { return sharded_subscribers(channel) == count; }, "It is not as it was left.");
  };
  bus.subscribe(channel, receiver);
  wait_for_subscribers(1);
  owner.signal(SIGSTOP);
  // Both are sent before the first is answered.
  bus.unsubscribe(channel);
  wait_for_turn();
  bus.subscribe(channel, receiver);
  wait_for_turn();
  const auto confirmed = bus.confirmation(channel);
  owner.signal(SIGCONT);
  if (confirmed) sync_wait(outcome_of(*confirmed));
  bus.unsubscribe(channel);
  wait_for_subscribers(0);
}

TEST_F(redis_cluster, spreads_channels_and_follows_them) {
  const configuration sharded = [](auto& options) { options.sharded = true; };
  cluster_server left(*nodes[0], sharded);
  cluster_server right(*nodes[2], sharded);
  expect_exchange(left, right);
  cluster_client one(left);
  cluster_client two(right);
  for (int i = 0; i < 30; ++i) {
    const auto group = "g" + std::to_string(i);
    sync_wait(awaited(left.groups().add_to_group(one.id(), group)));
    sync_wait(awaited(left.groups().add_to_group(two.id(), group)));
    EXPECT_EQ(sharded_subscribers("Tests.SharedHub:group:" + group), 2);
    right.clients().group(group).send("Note", group);
    EXPECT_EQ(one.note(), group);
    EXPECT_EQ(two.note(), group);
  }

  move(slot, owner_of_all(), (owner_of_all() + 1) % 3);
  wait_until([&] { return sharded_subscribers("Tests.SharedHub:all") == 2; },
             "The subscriptions have not moved.");
  left.clients().all().send("Note", "moved");
  EXPECT_EQ(one.note(), "moved");
  EXPECT_EQ(two.note(), "moved");
  EXPECT_EQ(left.metrics().publishes_failed, 0u);
}

}  // namespace
}  // namespace saker::testing
