#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "redis/bus.hpp"
#include "redis/link.hpp"

namespace saker::redis {

/// What is still to be answered of the SUBSCRIBEs that were sent to one server.
class unanswered_subscriptions {
 public:
  /// A SUBSCRIBE that is sent: the channel is confirmed by the answer to the last of them.
  void expect(const std::string& channel) { ++by_channel_[channel]; }
  bool contains(std::string_view channel) const {
    return by_channel_.contains(std::string(channel));
  }
  /// Returns whether that was the answer to the last of them.
  bool take(std::string_view channel) {
    const auto asked = by_channel_.find(std::string(channel));
    if (asked == by_channel_.end() || --asked->second != 0) return false;
    by_channel_.erase(asked);
    return true;
  }
  void clear() noexcept { by_channel_.clear(); }

  /// The node is ready after that many answers, whatever they are to.
  void await(std::size_t count) noexcept { awaited_ = count; }
  bool is_awaited() const noexcept { return awaited_ != 0; }
  void count_down() noexcept { --awaited_; }

 private:
  std::unordered_map<std::string, std::size_t> by_channel_;
  std::size_t awaited_ = 0;
};

/// One Redis server: a connection that publishes and one that is subscribed, since Redis lets none
/// do both. Nothing is published while the subscriptions are not there: the other servers have most
/// likely lost theirs in the same moment.
///
/// Owner: the bus. Thread rule: the bus's.
class node {
 public:
  node(bus& owner, event_loop& loop, const link_settings& settings, address where);

  const address& where() const noexcept { return where_; }
  void start();
  void stop();

  /// Queues it until `flush`.
  void publish(publication what) { waiting_.push_back(std::move(what)); }
  void flush();
  /// Moves what has waited too long.
  void take_late(std::chrono::steady_clock::time_point now, std::vector<publication>& to);
  /// What waits cannot be sent here: the bus has it again.
  void hand_over_waiting();

  bool is_subscriber_up() const noexcept { return subscriber_.connection.is_up(); }
  void subscribe(const std::vector<std::string>& channels);
  /// To a server that knows none: these are all there are.
  void subscribe_anew(const std::vector<std::string>& channels);
  void unsubscribe(const std::vector<std::string>& channels);
  /// Gives up a connection that does not take the changes: the next one begins with what is true.
  void limit_changes();
  /// Nothing of it runs any more, after `stop`.
  bool has_ended() const noexcept {
    return publisher_.connection.has_ended() && subscriber_.connection.has_ended();
  }
  bool is_ready() const noexcept {
    return publisher_.connection.is_up() && is_subscriber_up() && !unanswered_.is_awaited();
  }

 private:
  struct publisher final : link_user {
    publisher(node& owner, event_loop& loop, const link_settings& settings);
    void on_up() override;
    void on_reply(const redisReply& reply) override;
    void on_idle() override;
    void on_down(const std::string& why) override;
    node& of;
    link connection;
  };
  struct subscriber final : link_user {
    subscriber(node& owner, event_loop& loop, const link_settings& settings);
    void on_up() override;
    void on_reply(const redisReply& reply) override;
    void on_idle() override;
    void on_down(const std::string& why) override;
    void on_push(std::string_view kind, std::span<redisReply* const> parts);
    node& of;
    link connection;
  };

  void send(std::string_view verb, const std::vector<std::string>& channels);
  void count_confirmation();
  void check_ready();
  void give_up(const std::string& why);

  bus& bus_;
  const address where_;
  publisher publisher_;
  subscriber subscriber_;
  std::deque<publication> waiting_;
  std::deque<publication> in_flight_;
  unanswered_subscriptions unanswered_;
  std::size_t full_list_ = 0;  ///< Bytes of the commands that make a new subscriber's list.
};

}  // namespace saker::redis
