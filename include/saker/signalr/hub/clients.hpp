#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <saker/async/task.hpp>
#include <saker/signalr/hub/delivery.hpp>
#include <saker/signalr/protocol/encoded_values.hpp>
#include <saker/signalr/protocol/json.hpp>

namespace saker::signalr {

class hub_manager;
class hub_connection;
class invocation_slot;

/// Names a client method with its types, which are checked when a call is compiled: the counterpart
/// of the interface of ASP.NET Core's Hub<T>.
///
/// Example:
/// ```cpp
/// struct chat_client {
///   static constexpr signalr::client_method<void(std::string, std::string)> receive{"Receive"};
///   static constexpr signalr::client_method<int(std::string)> ask{"Ask"};
/// };
///
/// struct chat_hub : signalr::hub {
///   task<int> send(std::string user, std::string text) {
///     co_await clients().all().send(chat_client::receive, user, text);
///     co_return co_await clients().caller().invoke(chat_client::ask, "Was that all?");
///   }
/// };
/// ```
template <class Signature>
class client_method;

template <class Result, class... Parameters>
class client_method<Result(Parameters...)> {
 public:
  constexpr explicit client_method(const char* name) noexcept : name_(name) {}
  constexpr std::string_view name() const noexcept { return name_; }

 private:
  const char* name_;
};

/// Names the recipients of a send.
struct recipients {
  enum class kind : std::uint8_t { all, connections, groups, users };
  kind what = kind::all;
  std::vector<std::string> names = {};     ///< Of connections, groups or users.
  std::vector<std::string> excluded = {};  ///< Connection ids.
};

/// Sends to a set of clients. A value.
///
/// Owner: the holder; it may be kept beyond the hub call that created it, but must not outlive the
/// web_application. Thread rule: any thread. Messages of one thread to one client arrive in the
/// order of the calls. Limits: `connection_options::overflow_policy`. Unknown recipients are
/// ignored. Errors: a value that cannot be written (NaN in JSON) throws binding_error.
///
/// Example:
/// ```cpp
/// struct news_hub : signalr::hub {
///   task<void> publish(std::string headline) {
///     const signalr::client_proxy readers = clients().group("readers");
///     co_await readers.send("News", headline);
///   }
/// };
/// ```
class client_proxy {
 public:
  client_proxy(hub_manager& manager, recipients whom) : manager_(&manager), to_(std::move(whom)) {}

  /// Calls the method of that name on every client, with the arguments.
  template <class... Arguments>
  delivery send(std::string_view method, Arguments&&... arguments) const {
    return send_encoded(method, detail::encode_arguments(wanted(), arguments...));
  }
  template <class Result, class... Parameters, class... Arguments>
    requires(sizeof...(Parameters) == sizeof...(Arguments) &&
             (std::convertible_to<Arguments, Parameters> && ...))
  delivery send(const client_method<Result(Parameters...)>& method,
                Arguments&&... arguments) const {
    return send(method.name(), static_cast<Parameters>(std::forward<Arguments>(arguments))...);
  }
  /// Calls the method with an array of values.
  delivery send_values(std::string_view method, const json& arguments) const;

 protected:
  hub_manager& manager() const noexcept { return *manager_; }
  detail::wanted_encodings wanted() const;
  const recipients& whom() const noexcept { return to_; }

 private:
  delivery send_encoded(std::string_view method, detail::encoded_values arguments) const;

  hub_manager* manager_;
  recipients to_;
};

/// Calls a single client, which can also return a value.
///
/// Example:
/// ```cpp
/// struct quiz_hub : signalr::hub {
///   task<bool> play() {
///     const auto answer = co_await clients().caller().invoke<std::string>("Ask", "6 x 7?");
///     co_return answer == "42";
///   }
/// };
/// ```
class single_client_proxy : public client_proxy {
 public:
  single_client_proxy(hub_manager& manager, std::string connection_id,
                      std::shared_ptr<invocation_slot> slot)
      : client_proxy(manager,
                     recipients{recipients::kind::connections, {std::move(connection_id)}, {}}),
        slot_(std::move(slot)) {}

  /// Calls the method and awaits the client's result. Fails with hub_error: with the client's own
  /// text; `Invocation canceled by the server.` after a stop request; `Error trying to deserialize
  /// result to T. ...`. Fails with named_error `IOException`: `Connection 'X' does not exist.`;
  /// `Connection 'X' disconnected.`; or because the client does not take what it is sent (with a
  /// backplane, an error from another server is a hub_error). Throws `std::logic_error` within
  /// on_connected, because the server does not read from the client yet.
  template <class Result, class... Arguments>
  task<Result> invoke(std::string_view method, Arguments&&... arguments) const {
    return ask<Result>(method, detail::encode_arguments(wanted(), arguments...), {});
  }
  template <class Result, class... Arguments>
  task<Result> invoke_until(std::stop_token stop, std::string_view method,
                            Arguments&&... arguments) const {
    return ask<Result>(method, detail::encode_arguments(wanted(), arguments...), std::move(stop));
  }
  template <class Result, class... Parameters, class... Arguments>
    requires(sizeof...(Parameters) == sizeof...(Arguments) &&
             (std::convertible_to<Arguments, Parameters> && ...))
  task<Result> invoke(const client_method<Result(Parameters...)>& method,
                      Arguments&&... arguments) const {
    return invoke<Result>(method.name(),
                          static_cast<Parameters>(std::forward<Arguments>(arguments))...);
  }

 private:
  task<detail::client_value> invoke_encoded(std::string_view method,
                                            detail::encoded_values arguments,
                                            std::stop_token stop) const;
  template <class Result>
  task<Result> ask(std::string_view method, detail::encoded_values arguments,
                   std::stop_token stop) const {
    return convert<Result>(invoke_encoded(method, std::move(arguments), std::move(stop)));
  }
  template <class Result>
  static task<Result> convert(task<detail::client_value> answer) {
    const auto value = co_await answer;
    if constexpr (!std::is_void_v<Result>) co_return detail::from_client<Result>(value);
  }

  std::shared_ptr<invocation_slot> slot_;
};

/// Selects among the clients that a hub can reach: `hub_context::clients()`; within a hub, more are
/// available (hub_caller_clients).
///
/// Owner: a value, like client_proxy; both may be kept after the call that created them has ended.
///
/// Example:
/// ```cpp
/// inline void announce(const signalr::hub_clients& clients, const std::string& text) {
///   clients.group("lobby").send("News", text);
///   clients.user("anna").send("News", text);
/// }
/// ```
class hub_clients {
 public:
  explicit hub_clients(hub_manager& manager, std::shared_ptr<invocation_slot> slot = {}) noexcept
      : manager_(&manager), slot_(std::move(slot)) {}

  client_proxy all() const;
  client_proxy all_except(std::vector<std::string> connection_ids) const;
  single_client_proxy client(std::string connection_id) const;
  client_proxy clients(std::vector<std::string> connection_ids) const;
  /// Throws `std::invalid_argument` for an empty name.
  client_proxy group(std::string name) const;
  /// A client in two of the groups receives the message twice.
  client_proxy groups(std::vector<std::string> names) const;
  client_proxy group_except(std::string name, std::vector<std::string> connection_ids) const;
  /// Returns all connections of the user.
  client_proxy user(std::string user_id) const;
  client_proxy users(std::vector<std::string> user_ids) const;

  /// Returns the number of connected clients; with a backplane, those of this server.
  std::size_t count() const;

 protected:
  hub_manager& manager() const noexcept { return *manager_; }
  const std::shared_ptr<invocation_slot>& slot() const noexcept { return slot_; }

 private:
  hub_manager* manager_;
  std::shared_ptr<invocation_slot> slot_;
};

/// Selects among the clients that a hub method can reach, including the caller.
///
/// Example:
/// ```cpp
/// struct chat_hub : signalr::hub {
///   void say(std::string text) {
///     clients().others().send("Heard", text);
///     clients().caller().send("Said", text);
///   }
/// };
/// ```
class hub_caller_clients : public hub_clients {
 public:
  hub_caller_clients(hub_manager& manager, std::shared_ptr<invocation_slot> slot) noexcept
      : hub_clients(manager, std::move(slot)) {}

  single_client_proxy caller() const;
  client_proxy others() const;
  client_proxy others_in_group(std::string name) const;
};

/// Changes and counts the groups of a hub. A group exists as long as it has members.
///
/// Thread rule: any thread. Names compare exactly. A client that disconnects leaves all groups, and
/// is in none after reconnecting (except by stateful reconnect). `count` and `members` cover this
/// server's connections only.
///
/// Example:
/// ```cpp
/// struct rooms_hub : signalr::hub {
///   task<std::size_t> enter(std::string room) {
///     co_await groups().add_to_group(context().connection_id(), room);
///     co_return groups().count(room);
///   }
/// };
/// ```
class group_manager {
 public:
  explicit group_manager(hub_manager& manager) noexcept : manager_(&manager) {}

  /// Adds a connection to a group. Adding it twice, or adding an unknown connection, has no effect.
  /// With a backplane, awaiting the result waits until every server reaches the member; it fails if
  /// no server has the connection within `redis_backplane_options::acknowledgement_timeout`, or if
  /// Redis cannot be reached within `redis_backplane_options::publish_timeout`.
  delivery add_to_group(std::string_view connection_id, std::string_view name) const;
  delivery remove_from_group(std::string_view connection_id, std::string_view name) const;

  std::size_t count(std::string_view name) const;
  /// Returns the members' connection ids.
  std::vector<std::string> members(std::string_view name) const;

 private:
  hub_manager* manager_;
};

}  // namespace saker::signalr
