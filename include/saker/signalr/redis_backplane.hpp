#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace saker::signalr {

/// Several servers that serve one hub find each other through Redis, byte for byte as ASP.NET
/// Core's `AddStackExchangeRedis` does, so that servers of both kinds can share one. Link
/// saker::redis; give it to `web_application::use_redis_backplane` before hubs are mapped.
///
/// What a hub sends to all, to groups, users and connections reaches clients of every server; a
/// group can be changed, and a client asked, from any of them. `count` and `members` tell of this
/// server only. Servers recognise a hub by `hub_options::name`.
///
/// Owner: the application, which copies it. Thread rule: none; Redis has a thread of its own.
///
/// Errors: Redis need not be there when the server starts, or all the time. While it is away this
/// server's clients stay, `deliver_locally_first` still reaches them, and messages wait for it
/// (`publish_timeout`, `publish_buffer_size`). What it has not confirmed is not sent again: the
/// `delivery` throws, and redis_backplane_metrics count it. What others publish while this server
/// is cut off is lost to it: Redis keeps nothing. One line in the log says when it is away, one
/// when it is back.
///
/// A value out of range throws `std::invalid_argument` that names the option.
struct redis_backplane_options {
  /// `redis://[[user]:password@]host[:port][/database]`, `rediss://` for TLS, or
  /// `unix://[[user]:password@]/path[?db=n]`. Ports default to 6379.
  std::string url = "redis://127.0.0.1:6379";
  /// In front of every channel's name, for applications that share a Redis.
  std::string channel_prefix = {};
  /// Clients of this server get a message at once and not through Redis, and also while it is away.
  /// Then clients of different servers may see the messages of one group in different orders.
  bool deliver_locally_first = false;
  /// Sharded channels (SSUBSCRIBE, SPUBLISH) on a cluster of Redis 7 or later, of which `url` is
  /// any node: the channels are spread over its masters. ASP.NET Core's servers do not take part.
  bool sharded = false;

  /// "host:port" of Sentinels (port 26379), asked at each connect who the master is; then `url`
  /// gives user, password, database and TLS.
  std::vector<std::string> sentinels = {};
  /// The master's name there. Not empty.
  std::string sentinel_master = "mymaster";
  std::string sentinel_user = {};
  std::string sentinel_password = {};

  /// For `rediss://`, PEM: whom to trust (empty: the system's authorities); and this server's own
  /// certificate and key (empty: none; the key may be in the certificate's file).
  std::string certificate_authorities = {};
  std::string certificate_file = {};
  std::string key_file = {};

  /// Until Redis is connected and has let us in; then it is tried again. More than 0.
  std::chrono::milliseconds connect_timeout{5'000};
  /// The pause before that, which doubles up to the second and is spread at random. More than 0.
  std::chrono::milliseconds minimum_reconnect_delay{50};
  std::chrono::milliseconds maximum_reconnect_delay{2'000};
  /// After that much silence Redis is sent a PING, and after as much again given up. 1 s or more.
  std::chrono::milliseconds keep_alive_interval{10'000};
  /// How long a message, or a change of a group, waits while Redis is away. 0 or more.
  std::chrono::milliseconds publish_timeout{5'000};
  /// Bytes of messages that Redis has not confirmed, of which each counts 256 more than it has;
  /// what is more fails at once. 1 byte or more.
  std::size_t publish_buffer_size = std::size_t{16} * 1024 * 1024;
  /// How long a group's change waits for the server that has the connection. More than 0.
  std::chrono::milliseconds acknowledgement_timeout{30'000};

  void validate() const;
};

/// What the backplane has done since the start: `web_application::redis_backplane_metrics` gives
/// it, from any thread.
struct redis_backplane_metrics {
  bool connected = false;  ///< To publish, and with every subscription.
  std::uint64_t connections_lost = 0;
  std::uint64_t published = 0;          ///< Confirmed by Redis.
  std::uint64_t publishes_failed = 0;   ///< Not confirmed: lost, most likely.
  std::uint64_t received = 0;           ///< From Redis, one's own among them.
  std::uint64_t echoes_skipped = 0;     ///< Of those: had been delivered locally first.
  std::uint64_t malformed = 0;          ///< Of those: could not be read.
  std::uint64_t protocols_missing = 0;  ///< Had no form for one of the protocols spoken here.
  std::size_t pending_bytes = 0;        ///< Not confirmed yet.
};

}  // namespace saker::signalr
