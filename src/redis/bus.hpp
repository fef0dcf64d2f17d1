#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <saker/async/event_loop.hpp>

#include "async/deadline.hpp"
#include "redis/bus_counters.hpp"
#include "redis/bus_settings.hpp"
#include "redis/contact.hpp"
#include "redis/mailbox.hpp"
#include "redis/publications.hpp"
#include "redis/subscriptions.hpp"
#include "redis/topology.hpp"

namespace saker::redis {

/// Publishing and subscribing on Redis, on a thread of its own, with connections that come back by
/// themselves: one server, the master that Sentinels name, or a cluster with sharded channels.
///
/// A message is sent at most once: one that waited too long, or whose connection was lost before
/// Redis confirmed it, has failed and is not sent again. Messages of one thread to one channel keep
/// their order. Subscriptions come back with the connection; what was published meanwhile by others
/// is lost, as Redis has it.
///
/// Owner: the application. Thread rule: any thread.
class bus {
 public:
  explicit bus(bus_settings settings);
  ~bus();
  bus(const bus&) = delete;
  bus& operator=(const bus&) = delete;

  void start();
  void stop();

  /// The listener is called once, on the bus's thread or, when it is refused at once, here.
  void publish(std::string channel, std::string_view payload, publish_listener listener = {});
  /// One receiver for a channel, until `unsubscribe`.
  void subscribe(std::string channel, std::shared_ptr<channel_receiver> receiver);
  void unsubscribe(const std::string& channel);
  /// Completes when Redis has confirmed the subscription. Where it cannot be reached: at once; or,
  /// for who insists, after `publish_timeout`, with an error. Absent: it has, or there is none.
  std::optional<confirmation_source> confirmation(const std::string& channel, bool insists = false);

  const bus_counters& counters() const noexcept { return counters_; }
  /// Its own, for tasks beside it.
  event_loop& loop() noexcept { return loop_; }

 private:
  friend class node;
  friend class topology;

  // On the bus's thread.
  void take_work();
  void apply(const subscription_changes& changes);
  void send(publication what);
  void expire();
  void watch();
  // From the nodes.
  void on_ready();
  void on_down(node& which, const std::string& why);
  void on_message(std::string_view channel, std::string_view payload);
  /// A cluster has given the channel to another node.
  void on_taken_away(std::string_view channel);
  // From the topology.
  void on_topology();
  void on_no_topology(const std::string& where, const std::string& why);

  const bus_settings settings_;
  bus_counters counters_;
  event_loop loop_;
  std::thread thread_;
  mailbox mailbox_;
  publications publications_;
  contact contact_;
  topology topology_;
  subscriptions subscriptions_;
  async::deadline expiry_;
};

}  // namespace saker::redis
