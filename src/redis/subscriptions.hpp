#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "redis/bus_settings.hpp"
#include "redis/confirmation_waiters.hpp"

namespace saker::redis {

class node;
class topology;

/// Who gets the messages of a channel: on the bus's thread, in the order of the channel.
class channel_receiver {
 public:
  virtual ~channel_receiver() = default;
  virtual void on_message(std::string_view channel, std::string_view payload) = 0;
};

/// A channel, and how far Redis has it. Without a receiver it ends as soon as the bus's thread has
/// told Redis so.
struct subscription {
  enum class state : std::uint8_t { desired, requested, confirmed };

  std::shared_ptr<channel_receiver> receiver = nullptr;
  node* on = nullptr;
  state how = state::desired;
  confirmation_waiters waiters = {};
};

/// What servers are to be told.
struct subscription_changes {
  std::map<node*, std::vector<std::string>> begun;
  std::map<node*, std::vector<std::string>> ended;
};

/// The channels that are wanted, and who awaits them.
///
/// Owner: the bus. Thread rule: any thread, or the bus's, as it says.
class subscriptions {
 public:
  using time_point = confirmation_waiters::time_point;

  subscriptions(const bus_settings& settings, topology& servers)
      : settings_(settings), topology_(servers) {}

  // From any thread: what the bus says of them.
  void subscribe(std::string channel, std::shared_ptr<channel_receiver> receiver);
  void unsubscribe(const std::string& channel);
  std::optional<confirmation_source> confirmation(const std::string& channel, bool insists);

  // On the bus's thread.
  /// What has changed since the last call.
  subscription_changes take_changes();
  /// The same after the topology has changed.
  subscription_changes take_all_changes();
  /// The channels of a server that knows none of them.
  std::vector<std::string> request_all(node& from);
  void on_confirmed(const node& by, std::string_view channel);
  /// A server has lost what it was told.
  void on_lost(const node& by);
  /// A server has ended a channel by itself. Returns false: it is not wanted.
  bool on_taken_away(std::string_view channel);
  std::shared_ptr<channel_receiver> receiver_of(std::string_view channel);

  /// Redis is away, or one of its servers; null: all of them.
  void on_away(const node* which);
  void on_back();
  /// Fails those who insist and have waited too long.
  void expire(time_point now);
  /// Nobody waits any more, nor will.
  void end();

 private:
  enum class reach : std::uint8_t { expected, away, ended };
  using released = std::vector<confirmation_source>;

  subscription_changes apply(const std::unordered_set<std::string>& channels, released& patient);
  time_point deadline() const;

  const bus_settings& settings_;
  topology& topology_;
  std::mutex mutex_;
  reach redis_ = reach::expected;
  std::unordered_map<std::string, subscription> by_channel_;
  std::unordered_set<std::string> changed_;  ///< To be looked at by the bus's thread.
  std::size_t insisting_ = 0;                ///< How many who wait insist, at most.
};

}  // namespace saker::redis
