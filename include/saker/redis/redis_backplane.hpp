#pragma once

#ifndef SAKER_REDIS
#error "Link saker::redis: target_link_libraries(app PRIVATE saker::redis)"
#endif

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <saker/http/pipeline/feature_host.hpp>

namespace saker::signalr {

/// Options of the Redis backplane, which connects several servers that serve the same hub. It is
/// compatible byte for byte with ASP.NET Core's `AddStackExchangeRedis`, so servers of both kinds
/// can share one.
///
/// A hub's sends to all clients, to groups, users and connections reach clients of every server;
/// any server can change a group and ask a client. `count` and `members` cover this server only.
/// Servers identify a hub by `hub_options::name`.
///
/// Owner: the application copies the options. Thread rule: none; Redis has its own thread.
///
/// Errors: Redis need not be available when the server starts, nor all the time. While it is
/// unavailable, this server's clients stay connected, `deliver_locally_first` still reaches them,
/// and messages wait for it (`publish_timeout`, `publish_buffer_size`). A message that Redis did
/// not confirm is not sent again: the `delivery` throws, and redis_backplane_metrics counts it.
/// Messages that other servers publish while this server is disconnected are lost to it, because
/// Redis keeps nothing. The log has one line when Redis becomes unavailable, and one when it is
/// back.
///
/// A value out of range throws `std::invalid_argument` that names the option.
struct redis_backplane_options {
  /// `redis://[[user]:password@]host[:port][/database]`, `rediss://` for TLS, or
  /// `unix://[[user]:password@]/path[?db=n]`. Ports default to 6379.
  std::string url = "redis://127.0.0.1:6379";
  /// Prefix of every channel's name, for applications that share a Redis server.
  std::string channel_prefix = {};
  /// Sends messages to clients of this server at once, without Redis, and also while Redis is
  /// unavailable. Clients of different servers may then see the messages of one group in different
  /// orders.
  bool deliver_locally_first = false;
  /// Uses sharded channels (SSUBSCRIBE, SPUBLISH) on a cluster of Redis 7 or later, of which `url`
  /// is any node: the channels are spread over its masters. ASP.NET Core's servers cannot take
  /// part.
  bool sharded = false;

  /// "host:port" of Sentinels (default port 26379), which are asked for the master at each connect;
  /// `url` then sets user, password, database and TLS.
  std::vector<std::string> sentinels = {};
  /// The master's name at the Sentinels. Not empty.
  std::string sentinel_master = "mymaster";
  std::string sentinel_user = {};
  std::string sentinel_password = {};

  /// For `rediss://`, PEM files: trusted authorities (empty: the system's), and this server's own
  /// certificate and key (empty: none; the key may be in the certificate's file).
  std::string certificate_authorities = {};
  std::string certificate_file = {};
  std::string key_file = {};

  /// How long connecting and authenticating may take before the next attempt. More than 0.
  std::chrono::milliseconds connect_timeout{5'000};
  /// The delay before the next attempt, which doubles from the minimum to the maximum and is
  /// randomized. More than 0.
  std::chrono::milliseconds minimum_reconnect_delay{50};
  std::chrono::milliseconds maximum_reconnect_delay{2'000};
  /// After this long without data Redis is sent a PING; after as long again without data, the
  /// connection is given up. 1 s or more.
  std::chrono::milliseconds keep_alive_interval{10'000};
  /// How long a message or a group change waits while Redis is unavailable. 0 or more.
  std::chrono::milliseconds publish_timeout{5'000};
  /// Bytes of messages that Redis has not confirmed; each counts 256 bytes more than its size;
  /// further messages fail at once. 1 byte or more.
  std::size_t publish_buffer_size = std::size_t{16} * 1024 * 1024;
  /// How long a group change waits for the server that has the connection. More than 0.
  std::chrono::milliseconds acknowledgement_timeout{30'000};

  void validate() const;
};

/// Counts what the backplane has done since the start.
struct redis_backplane_metrics {
  bool connected = false;  ///< For publishing, and with every subscription.
  std::uint64_t connections_lost = 0;
  std::uint64_t published = 0;          ///< Confirmed by Redis.
  std::uint64_t publishes_failed = 0;   ///< Not confirmed: most likely lost.
  std::uint64_t received = 0;           ///< From Redis, including the server's own messages.
  std::uint64_t echoes_skipped = 0;     ///< Of these, already delivered locally.
  std::uint64_t malformed = 0;          ///< Of these, unreadable.
  std::uint64_t protocols_missing = 0;  ///< Lacked a form for a protocol in use here.
  std::size_t pending_bytes = 0;        ///< Not yet confirmed.
};

/// Serves the hubs mapped afterwards together with other servers, through Redis.
///
/// Owner: the caller, until `add`. Thread rule: that of feature_host. Errors: an option out of
/// range throws `std::invalid_argument` when it is added; adding it when a hub has been mapped, or
/// when there is a backplane, throws `std::logic_error`.
///
/// Example:
/// ```cpp
/// app.add(signalr::redis_backplane({.url = "redis://127.0.0.1:6379"}));
/// ```
class redis_backplane {
 public:
  explicit redis_backplane(redis_backplane_options options) : options_(std::move(options)) {}

  void add_to(feature_host& host) const;

 private:
  redis_backplane_options options_;
};

/// Returns the counters of the application's backplane, on any thread. Throws `std::logic_error` if
/// no redis_backplane has been added.
///
///     if (!signalr::redis_metrics(app).connected) context.response().set_status(503);
redis_backplane_metrics redis_metrics(const feature_host& host);

}  // namespace saker::signalr
