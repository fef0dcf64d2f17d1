#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

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
  void publish(bus::publication what) { waiting_.push_back(std::move(what)); }
  void flush();
  /// What waits and is too old, oldest first, or cannot be sent here.
  template <class Predicate>
  void take_waiting(Predicate taken, std::vector<bus::publication>& to) {
    while (!waiting_.empty() && taken(waiting_.front())) {
      to.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
  }

  bool is_subscriber_up() const noexcept { return subscriber_.connection.is_up(); }
  void send_to_subscriber(std::string_view commands) { subscriber_.connection.send(commands); }
  /// What is sent now are all subscriptions there are.
  void note_full_list() noexcept { full_list_ = subscriber_.connection.waiting(); }
  /// Gives up a connection that does not take the changes: the next one begins with what is true.
  void limit_changes(std::size_t most) {
    if (subscriber_.connection.waiting() > full_list_ + most) {
      subscriber_.connection.drop("it does not take the subscriptions.");
    }
  }
  /// Nothing of it runs any more, after `stop`.
  bool has_ended() const noexcept {
    return publisher_.connection.has_ended() && subscriber_.connection.has_ended();
  }
  unanswered_subscriptions& unanswered() noexcept { return unanswered_; }
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

  void count_confirmation();
  void check_ready();
  void give_up(const std::string& why);

  bus& bus_;
  const address where_;
  publisher publisher_;
  subscriber subscriber_;
  std::deque<bus::publication> waiting_;
  std::deque<bus::publication> in_flight_;
  unanswered_subscriptions unanswered_;
  std::size_t full_list_ = 0;  ///< Bytes of the commands that make a new subscriber's list.
};

}  // namespace saker::redis
