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
#include <saker/http/claims_principal.hpp>
#include <saker/signalr/connection_options.hpp>
#include <saker/signalr/encoded_values.hpp>
#include <saker/signalr/request_info.hpp>

namespace saker::signalr {

class hub_filter;
class hub_protocol;

/// Options of a hub; those given to `add_signalr` are where each hub starts from. A value out of
/// range throws `std::invalid_argument` when the hub is mapped, naming the option and what is
/// allowed. Times are kept to a second.
struct hub_options {
  /// A Ping is sent that often, whatever else is (not on long polling). 1 s or more.
  std::chrono::milliseconds keep_alive_interval{15'000};
  /// A client that has ever sent a Ping, and then nothing for that long, is given up; it may come
  /// back. 1 s or more; twice the clients' interval or more makes sense.
  std::chrono::milliseconds client_timeout_interval{30'000};
  /// How long a client may take to say which protocol it speaks. More than 0.
  std::chrono::milliseconds handshake_timeout{15'000};
  /// The largest message of a client, in bytes with its framing; absent: no limit. 1 byte or more.
  std::optional<std::size_t> maximum_receive_message_size = std::size_t{32} * 1024;
  /// Items of a client's stream that wait for the hub method; then nothing more is read from the
  /// client. 1 or more.
  std::size_t stream_buffer_capacity = 10;
  /// What the running calls of one client may take that no slot counts: streams, calls that take
  /// streams, calls that wait for the client's answer. Each counts 4 KiB (some coroutines and a
  /// hub) and its arguments; one more is answered with an error. As much again may the items take
  /// that wait for the methods, of all streams of the client; then nothing more is read from it.
  /// 4,096 bytes or more.
  std::size_t stream_memory_limit = std::size_t{4} * 1024 * 1024;
  /// Invocations of one client that run at a time (streams, and calls that take streams, do not
  /// count); with 1 they run in their order. 1 or more.
  std::size_t maximum_parallel_invocations_per_client = 1;
  /// Shows the client the type and text of every error, not only of hub_error. For development.
  bool enable_detailed_errors = false;
  /// Names of protocols: "json", "messagepack", those of `protocols`; empty: all of them.
  std::vector<std::string> supported_protocols = {};
  /// Protocols of your own, beside the built-in ones or in place of one with the same name. The
  /// first `map_hub` of a hub says which there are; a later one may give some of the same objects.
  std::vector<std::shared_ptr<const hub_protocol>> protocols = {};
  /// How values are written in JSON and in MessagePack: the names of members, the values of
  /// enumerations. Reading takes either form. Defaults: .NET's.
  binding::policy json_values = binding::json_policy;
  binding::policy messagepack_values = binding::messagepack_policy;
  /// What servers that share a backplane call this hub: .NET's full name of the type where some are
  /// ASP.NET Core's. Empty: the C++ type's name, with '.' for '::'.
  std::string name = {};
  /// Bytes of messages that a client has not acknowledged, from which on new ones wait
  /// (`allow_stateful_reconnects`). 1 byte or more. Clients acknowledge once a second: that is how
  /// much reaches them in a second (with ASP.NET Core's default 100 KB). A client that has
  /// acknowledged nothing for `client_timeout_interval` (5 s at least) meanwhile is cut off.
  std::size_t stateful_reconnect_buffer_size = 4 * 1024 * 1024;
  /// Says which user a connection belongs to, for `clients().user(id)`. Default:
  /// `claims_principal::name_identifier`, the claim "sub" or .NET's NameIdentifier.
  std::function<std::string(const claims_principal&, const request_info&)> user_id_provider = {};

  /// What makes a filter for one call; see hub_filter.
  using filter_factory = std::function<std::shared_ptr<hub_filter>()>;
  std::vector<filter_factory> filters = {};

  /// Adds a filter that all calls share.
  hub_options& add_filter(std::shared_ptr<hub_filter> filter) {
    filters.push_back([filter = std::move(filter)] { return filter; });
    return *this;
  }
  /// Adds a filter of which each call gets its own, made from copies of the arguments.
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
  /// For Saker's own rooms.
  detail::wanted_encodings encodings() const { return {json_values, messagepack_values}; }
};

/// Everything about one hub's endpoint: what the function given to `map_hub` may change.
struct hub_endpoint_options {
  hub_options hub;
  connection_options connection;
};

}  // namespace saker::signalr
