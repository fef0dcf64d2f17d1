#pragma once

#include <any>
#include <exception>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <saker/core/async_generator.hpp>
#include <saker/core/task.hpp>
#include <saker/http/claims_principal.hpp>
#include <saker/signalr/clients.hpp>
#include <saker/signalr/connection_options.hpp>
#include <saker/signalr/error.hpp>
#include <saker/signalr/request_info.hpp>

namespace saker::signalr {

class hub_connection;

/// The connection that a hub was called on: `hub::context()`.
///
/// Owner: the call. Thread rule: the loop of the connection; the stop_token may be used anywhere.
class hub_call_context {
 public:
  explicit hub_call_context(hub_connection& connection);

  const std::string& connection_id() const noexcept;
  /// By `hub_options::user_id_provider`; empty: none.
  const std::string& user_identifier() const noexcept;
  const claims_principal& user() const noexcept { return *user_; }
  /// Values that belong to the connection, from call to call.
  std::map<std::string, std::any>& items() const noexcept;
  transport_type transport() const noexcept;
  /// "json" or "messagepack".
  std::string_view protocol() const noexcept;
  /// The request that the connection began with.
  const request_info& request() const noexcept;
  /// Signalled when the connection has ended.
  std::stop_token connection_aborted() const noexcept;
  /// Ends the connection; the client does not come back by itself.
  void abort() const;

 private:
  hub_connection* connection_;
  std::shared_ptr<const claims_principal> user_;  // Another poll may bring another one.
};

/// What a hub can use while it is called.
struct hub_scope {
  hub_caller_clients clients;
  group_manager groups;
  hub_call_context context;
};

/// The base of hubs: a class whose member functions clients call by name.
///
///     struct chat_hub : saker::signalr::hub {
///       void send(std::string user, std::string text) {
///         clients().all().send("ReceiveMessage", user, text);
///       }
///       static void define(saker::signalr::hub_methods<chat_hub>& methods) {
///         methods.add("Send", &chat_hub::send);
///       }
///     };
///     app.map_hub<chat_hub>("/chat");
///
/// Owner: an object is made for every call, from copies of the arguments of `map_hub`, and
/// destroyed after it: keep what must last in a service that these share, or in
/// `context().items()`.
///
/// Thread rule: everything of one connection runs on its event loop; different connections run on
/// different threads at the same time, so what they share must be guarded.
///
/// Cancellation: `context().connection_aborted()`, or a parameter std::stop_token.
///
/// Errors: what leaves a method becomes the error of the client's call; only a hub_error's text is
/// shown. What leaves `on_connected` ends the connection.
class hub {
 public:
  hub() = default;
  hub(const hub&) = delete;
  hub& operator=(const hub&) = delete;
  virtual ~hub() = default;

  /// A client has come. Nothing that it sends is read until this has ended.
  virtual task<void> on_connected() { return {}; }
  /// The client's user has newer claims: `context().user()`. Calls that run keep those they began
  /// with. See `connection_options::enable_authentication_refresh`.
  virtual task<void> on_authentication_refreshed() { return {}; }
  /// It has gone: in order (null), or with an error. Not called when `on_connected` has failed.
  // By value, for coroutines that keep it. NOLINTNEXTLINE(performance-unnecessary-value-param)
  virtual task<void> on_disconnected(std::exception_ptr) { return {}; }

  const hub_caller_clients& clients() const noexcept { return scope_->clients; }
  const group_manager& groups() const noexcept { return scope_->groups; }
  const hub_call_context& context() const noexcept { return scope_->context; }

  /// For Saker's own rooms.
  void set_scope(const hub_scope& scope) noexcept { scope_ = &scope; }

 private:
  const hub_scope* scope_ = nullptr;
};

}  // namespace saker::signalr
