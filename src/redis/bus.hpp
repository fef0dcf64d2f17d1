#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <saker/async/completion_source.hpp>
#include <saker/async/event_loop.hpp>

#include "async/deadline.hpp"
#include "redis/link.hpp"
#include "redis/slots.hpp"

namespace saker::redis {

class node;

/// Who gets the messages of a channel: on the bus's thread, in the order of the channel.
class channel_receiver {
 public:
  virtual void on_message(std::string_view channel, std::string_view payload) = 0;

 protected:
  ~channel_receiver() = default;
};

/// What has become of a message that was published: how many servers have got it, or why Redis has
/// not confirmed it.
struct publish_result {
  std::int64_t receivers = 0;
  std::string error = {};
};
using publish_listener = std::function<void(const publish_result&)>;

struct bus_settings {
  std::vector<address> seeds;  ///< One; or, sharded, nodes that know the cluster.
  link_settings link;
  bool sharded = false;
  std::chrono::milliseconds publish_timeout{5'000};
  std::size_t publish_buffer_size = std::size_t{16} * 1024 * 1024;
};

/// What a bus has done since its start.
struct bus_counters {
  std::atomic<bool> connected = false;
  std::atomic<std::uint64_t> connections_lost = 0;
  std::atomic<std::uint64_t> published = 0;
  std::atomic<std::uint64_t> publishes_failed = 0;
  std::atomic<std::uint64_t> received = 0;
  std::atomic<std::size_t> pending_bytes = 0;
};

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
  /// One receiver for a channel; it must outlive the bus's thread.
  void subscribe(std::string channel, channel_receiver& receiver);
  void unsubscribe(const std::string& channel);
  /// Completes when Redis has confirmed the subscription. Where it cannot be reached: at once; or,
  /// for who insists, after `publish_timeout`, with an error. Absent: it has, or there is none.
  std::optional<completion_source<std::string>> confirmation(const std::string& channel,
                                                             bool insists = false);

  const bus_counters& counters() const noexcept { return counters_; }
  /// Its own, for tasks beside it.
  event_loop& loop() noexcept { return loop_; }

 private:
  friend class node;

  using time_point = std::chrono::steady_clock::time_point;

  struct publication {
    std::string channel;
    std::string command;
    publish_listener listener;
    time_point deadline;

    /// The bytes that it takes, about.
    std::size_t cost() const noexcept {
      constexpr std::size_t item = 256;
      return item + channel.size() + command.size();
    }
  };
  /// Who awaits that a subscription is confirmed.
  struct subscription_waiter {
    completion_source<std::string> outcome;
    bool insists = false;
    std::optional<time_point> deadline = {};  ///< Since Redis is away.
  };
  /// Without a receiver it ends as soon as the bus's thread has told Redis so.
  struct subscription {
    channel_receiver* receiver = nullptr;
    node* on = nullptr;
    bool requested = false;
    bool confirmed = false;
    std::vector<subscription_waiter> waiters = {};
  };
  using told = std::vector<completion_source<std::string>>;

  // On the bus's thread.
  void take_work();
  void apply_subscriptions(const std::unordered_set<std::string>& channels);
  void send_subscriptions(node& to, const std::vector<std::string>& channels);
  void send(node& to, std::string_view verb, const std::vector<std::string>& channels);
  node* route(std::string_view channel);
  void route_publication(publication what);
  void settle(publication& what, const publish_result& result);
  void expire();
  // From the nodes.
  void on_subscriber_up(node& which);
  void on_subscriber_down(node& which);
  void on_confirmed(const node& by, std::string_view channel);
  void on_ready();
  void on_down(node& which, const std::string& why);
  void on_message(std::string_view channel, std::string_view payload);
  void on_moved() { request_topology(); }
  /// A cluster has given the channel to another node.
  void on_taken_away(std::string_view channel);
  void keep_for_later(publication what) { homeless_.push_back(std::move(what)); }
  // A cluster.
  void request_topology();
  task<void> refresh_topology();
  task<void> ask_for_topology(address where, slot_map& found);
  void apply_topology(slot_map found);
  void report_down(const std::string& where, const std::string& why);
  void release_waiters(node* on);
  void release_patient(subscription& of, told& released);
  void expire_waiters(time_point now);
  void forget_retired();

  struct wakeup;
  void schedule();
  void wake();

  const bus_settings settings_;
  bus_counters counters_;
  event_loop loop_;
  std::thread thread_;

  std::mutex mutex_;
  bool posted_ = false;
  bool stopped_ = false;
  std::vector<publication> publications_;
  std::unordered_set<std::string> changes_;  ///< Channels whose subscription is to be looked at.
  std::unordered_map<std::string, subscription> subscriptions_;
  std::size_t insisting_ = 0;  ///< How many of their waiters insist, at most.

  // Only on the bus's thread.
  std::map<address, std::unique_ptr<node>> nodes_;
  std::vector<std::unique_ptr<node>> retired_;  ///< Their tasks may still run.
  std::vector<publication> homeless_;           ///< While nobody knows whose their slot is.
  slot_map slots_;
  bool refreshing_ = false;
  bool was_asked_ = false;
  bool was_connected_ = false;
  std::atomic<bool> is_reported_ = false;  ///< That Redis is away.
  async::deadline expiry_;
};

}  // namespace saker::redis
