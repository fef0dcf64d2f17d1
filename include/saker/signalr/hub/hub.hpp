#pragma once

#include <any>
#include <exception>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <saker/async/async_generator.hpp>
#include <saker/async/task.hpp>
#include <saker/http/message/claims_principal.hpp>
#include <saker/signalr/error.hpp>
#include <saker/signalr/hub/clients.hpp>
#include <saker/signalr/transports/connection_options.hpp>
#include <saker/signalr/transports/request_info.hpp>

namespace saker::signalr {

class hub_connection;

/// Describes the connection of a hub call: `hub::context()`.
///
/// Owner: the call. Thread rule: the loop of the connection; the stop_token may be used anywhere.
///
/// Example:
/// ```cpp
/// struct counting_hub : signalr::hub {
///   int count() {
///     auto& kept = context().items()["count"];
///     kept = kept.has_value() ? std::any_cast<int>(kept) + 1 : 1;
///     return std::any_cast<int>(kept);
///   }
/// };
/// ```
class hub_call_context {
 public:
  explicit hub_call_context(hub_connection& connection);

  const std::string& connection_id() const noexcept;
  /// Returns the user's id from `hub_options::user_id_provider`; empty: none.
  const std::string& user_identifier() const noexcept;
  const claims_principal& user() const noexcept { return *user_; }
  /// Returns values that belong to the connection, kept from call to call.
  std::map<std::string, std::any>& items() const noexcept;
  transport_type transport() const noexcept;
  /// Returns "json" or "messagepack", or the name of another protocol.
  std::string_view protocol() const noexcept;
  /// Returns the request that started the connection.
  const request_info& request() const noexcept;
  /// Returns a token that is signalled when the connection has ended.
  std::stop_token connection_aborted() const noexcept;
  /// Ends the connection; the client does not reconnect by itself.
  void abort() const;

 private:
  hub_connection* connection_;
  std::shared_ptr<const claims_principal> user_;  // Another poll may bring another one.
};

/// Holds what a hub can use during a call.
struct hub_scope {
  hub_caller_clients clients;
  group_manager groups;
  hub_call_context context;
};

/// Answers calls of clients with member functions of a class that derives from it, by name.
///
/// Owner: one object is created for every call, from copies of the arguments of map_hub, and
/// destroyed after it. Keep what must last in a service that the objects share, or in
/// `context().items()`.
///
/// Thread rule: everything of one connection runs on its event loop; different connections run on
/// different threads at the same time, so what they share must be guarded.
///
/// Cancellation: `context().connection_aborted()`, or a parameter of type std::stop_token.
///
/// Errors: an exception of a method becomes the error of the client's call; only the text of a
/// hub_error is shown. An exception of `on_connected` ends the connection.
///
/// Example:
/// ```cpp
/// struct chat_hub : signalr::hub {
///   void send(std::string user, std::string text) {
///     clients().all().send("ReceiveMessage", user, text);
///   }
///   static void define(signalr::hub_methods<chat_hub>& methods) {
///     methods.add("Send", &chat_hub::send);
///   }
/// };
///
/// inline void add_chat(web_application& to) { to.add(signalr::map_hub<chat_hub>("/chat")); }
/// ```
class hub {
 public:
  hub() = default;
  hub(const hub&) = delete;
  hub& operator=(const hub&) = delete;
  virtual ~hub() = default;

  /// Called when a client has connected. Nothing that it sends is read until this has completed.
  virtual task<void> on_connected() { return {}; }
  /// Called when the client's user has newer claims: `context().user()`. Calls in progress keep the
  /// claims they started with. See `connection_options::enable_authentication_refresh`.
  virtual task<void> on_authentication_refreshed() { return {}; }
  /// Called when the client has gone: normally (null), or with an error. Not called if
  /// `on_connected` failed.
  // By value, for coroutines that keep it. NOLINTNEXTLINE(performance-unnecessary-value-param)
  virtual task<void> on_disconnected(std::exception_ptr) { return {}; }

  const hub_caller_clients& clients() const noexcept { return scope_->clients; }
  const group_manager& groups() const noexcept { return scope_->groups; }
  const hub_call_context& context() const noexcept { return scope_->context; }

  /// Internal: for Saker itself.
  void set_scope(const hub_scope& scope) noexcept { scope_ = &scope; }

 private:
  const hub_scope* scope_ = nullptr;
};

}  // namespace saker::signalr
