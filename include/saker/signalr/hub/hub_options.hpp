#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <saker/binding/policy.hpp>
#include <saker/http/message/claims_principal.hpp>
#include <saker/signalr/protocol/encoded_values.hpp>
#include <saker/signalr/transports/connection_options.hpp>
#include <saker/signalr/transports/request_info.hpp>

namespace saker::signalr {

class hub_filter;
class hub_protocol;

/// Configures a hub; every hub starts from those set with signalr::defaults. A value out of range
/// throws `std::invalid_argument` when the hub is mapped, naming the option and the allowed range.
/// Times are accurate to a second.
///
/// Example:
/// ```cpp
/// app.add(signalr::defaults([](signalr::hub_options& options) {
///   options.keep_alive_interval = 10s;
///   options.maximum_receive_message_size = 1024 * 1024;
/// }));
/// ```
struct hub_options {
  /// How often a Ping is sent, whatever else is sent (not on long polling). 1 s or more.
  std::chrono::milliseconds keep_alive_interval{15'000};
  /// A client that has sent at least one Ping, and then nothing for this long, is disconnected; it
  /// may reconnect. 1 s or more; use at least twice the clients' interval.
  std::chrono::milliseconds client_timeout_interval{30'000};
  /// How long a client may take to send the handshake, which names its protocol. More than 0.
  std::chrono::milliseconds handshake_timeout{15'000};
  /// The largest message of a client, in bytes with its framing; absent: no limit. 1 byte or more.
  std::optional<std::size_t> maximum_receive_message_size = std::size_t{32} * 1024;
  /// Items of a client's stream that may wait for the hub method; beyond it, nothing more is read
  /// from the client. 1 or more.
  std::size_t stream_buffer_capacity = 10;
  /// The memory that the running calls of one client may take besides those counted by
  /// `maximum_parallel_invocations_per_client`: streams, calls that take streams, calls that wait
  /// for the client's answer. Each counts 4 KiB (some coroutines and a hub) and its arguments; one
  /// more is answered with an error. The items that wait for the methods, of all streams of the
  /// client, may take as much again; beyond it, nothing more is read from the client. 4,096 bytes
  /// or more.
  std::size_t stream_memory_limit = std::size_t{4} * 1024 * 1024;
  /// Invocations of one client that may run at a time (streams, and calls that take streams, do not
  /// count); with 1 they run in order. 1 or more.
  std::size_t maximum_parallel_invocations_per_client = 1;
  /// Shows the client the type and text of every error, not only of hub_error. For development
  /// only.
  bool enable_detailed_errors = false;
  /// Names of the protocols to support: "json", "messagepack", those of `protocols`; empty: all.
  std::vector<std::string> supported_protocols = {};
  /// Your own protocols, in addition to the built-in ones or replacing one of the same name. The
  /// first map_hub of a hub sets them; a later one may pass some of the same objects.
  std::vector<std::shared_ptr<const hub_protocol>> protocols = {};
  /// How values are written in JSON and in MessagePack: member names and enumeration values. Both
  /// forms can be read. Defaults: those of .NET.
  binding::policy json_values = binding::json_policy;
  binding::policy messagepack_values = binding::messagepack_policy;
  /// The name of this hub for servers that share a backplane: .NET's full name of the type if some
  /// of the servers run ASP.NET Core. Empty: the C++ type's name, with '.' for '::'.
  std::string name = {};
  /// Bytes of messages not yet acknowledged by the client at which new messages wait
  /// (`allow_stateful_reconnects`). 1 byte or more. Clients acknowledge once a second, so this is
  /// how much reaches them in a second (100 KB with ASP.NET Core's default). A client that
  /// meanwhile has acknowledged nothing for `client_timeout_interval` (at least 5 s) is
  /// disconnected.
  std::size_t stateful_reconnect_buffer_size = 4 * 1024 * 1024;
  /// Returns the user that a connection belongs to, for `clients().user(id)`. Default:
  /// `claims_principal::name_identifier`, the claim "sub" or .NET's NameIdentifier.
  std::function<std::string(const claims_principal&, const request_info&)> user_id_provider = {};

  /// Creates a filter for one call; see hub_filter.
  using filter_factory = std::function<std::shared_ptr<hub_filter>()>;
  std::vector<filter_factory> filters = {};

  /// Adds a filter that all calls share.
  hub_options& add_filter(std::shared_ptr<hub_filter> filter) {
    filters.push_back([filter = std::move(filter)] { return filter; });
    return *this;
  }
  /// Adds a filter that is created for each call, from copies of the arguments.
  template <class Filter, class... Arguments>
  hub_options& add_filter(Arguments... arguments) {
    filters.push_back([arguments...] { return std::make_shared<Filter>(arguments...); });
    return *this;
  }

  /// Adds a protocol of your own.
  hub_options& add_protocol(std::shared_ptr<const hub_protocol> protocol) {
    protocols.push_back(std::move(protocol));
    return *this;
  }

  void validate() const;
  /// Internal: for Saker itself.
  detail::wanted_encodings encodings() const { return {json_values, messagepack_values}; }
};

/// Configures a hub's endpoint; the function passed to map_hub may change it.
///
/// Example:
/// ```cpp
/// struct admin_hub : signalr::hub {
///   static void define(signalr::hub_methods<admin_hub>&) {}
/// };
///
/// inline void add_admin(web_application& to) {
///   to.add(signalr::map_hub<admin_hub>("/admin", [](signalr::hub_endpoint_options& options) {
///     options.hub.enable_detailed_errors = true;
///     options.connection.authorization = {require_role({"admin"})};
///   }));
/// }
/// ```
struct hub_endpoint_options {
  hub_options hub;
  connection_options connection;
};

}  // namespace saker::signalr
