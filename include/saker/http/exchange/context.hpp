#pragma once

#include <any>
#include <exception>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include <saker/async/task.hpp>
#include <saker/http/exchange/connection_info.hpp>
#include <saker/http/exchange/request.hpp>
#include <saker/http/exchange/response.hpp>
#include <saker/http/message/claims_principal.hpp>

namespace saker {

class event_loop;
class websocket_manager;
struct websocket_options;

namespace http {
class exchange;
}

/// Holds what belongs to one request, passed to middleware and handlers.
///
/// Owner: the connection, from the parsed head until the handler has ended, or has taken the
/// WebSocket alone (`web_application::map_websocket`). Thread rule: the connection's event loop;
/// only the stop_token may be used elsewhere.
///
/// Example:
/// ```cpp
/// app.map_get("/rooms/{room}", [](http_context& each) -> task<void> {
///   if (!each.user().is_authenticated()) throw http_error(401);
///   co_await each.response().send(each.request().route_value("room"), "text/plain");
/// });
/// ```
class http_context final : private detail::task_listener {
 public:
  explicit http_context(http::exchange& exchange) noexcept;
  ~http_context();
  http_context(const http_context&) = delete;
  http_context& operator=(const http_context&) = delete;

  http_request& request() noexcept { return request_; }
  const http_request& request() const noexcept { return request_; }
  http_response& response() noexcept { return response_; }
  const http_response& response() const noexcept { return response_; }

  /// Returns the WebSocket part of the request: whether it is a WebSocket request, and how to
  /// accept it. Include <saker/websocket/manager.hpp> (or <saker/saker.hpp>) to use it.
  websocket_manager websockets() noexcept;

  /// Returns the connection that the request came on: addresses, TLS, the client's certificate.
  connection_info connection() { return connection_info(exchange_); }

  /// Returns the values that middleware and handlers of this request share.
  std::map<std::string, std::any>& items();

  /// Returns the user that the request comes from; anonymous, unless an authentication middleware
  /// came earlier.
  const claims_principal& user() const noexcept;
  /// Returns the same user, to keep beyond the request; never null.
  std::shared_ptr<const claims_principal> shared_user() const;
  void set_user(claims_principal user);

  /// Returns a token that is signalled when the client goes away or the connection is aborted.
  /// Callbacks run on the connection's event loop.
  std::stop_token request_aborted();

  /// Returns the exception that made the response what it is: an `http_error` that `next` answered,
  /// or the exception that `use_exception_handler` caught. Null while nothing has failed.
  std::exception_ptr failure() const noexcept;

  /// Returns a token that is signalled when the server begins to stop. Long-lasting responses, such
  /// as event streams, should end then: `delay` and `wait_for_stop` take the token. Callbacks run
  /// on the connection's event loop.
  std::stop_token stopping() const noexcept;

  /// Ends the connection at once, without an answer; on HTTP/2, the stream (INTERNAL_ERROR).
  void abort();

  /// Returns the event loop that serves this request.
  event_loop& loop() noexcept;

  /// Internal: for Saker itself.
  http::exchange& exchange() noexcept { return exchange_; }
  void signal_aborted() noexcept;
  bool is_aborted() const noexcept { return is_aborted_; }
  void set_failure(std::exception_ptr exception);
  /// Internal: whether an error status without content gets content though nothing was thrown.
  bool has_status_code_pages() const noexcept { return status_code_pages_; }
  void set_status_code_pages() noexcept { status_code_pages_ = true; }
  detail::task_listener& failure_listener() noexcept { return *this; }
  /// Internal: the task needs nothing of the request, which may be destroyed once nothing else
  /// awaits the task.
  void set_detachable(const task<void>& handler) noexcept;
  bool is_detachable(const task<void>& work) const noexcept;
  const websocket_options* websocket_defaults() const noexcept { return websocket_defaults_; }
  void set_websocket_defaults(const websocket_options* options) noexcept {
    websocket_defaults_ = options;
  }

 private:
  struct details;
  /// Watches the task that may outlive the request. Its failures come after the response.
  struct detachable_mark final : detail::task_listener {
    void on_task_done(std::exception_ptr) noexcept override {}
  };
  details& make_details();

  void on_task_done(std::exception_ptr exception) noexcept override;
  void on_task_failed(std::exception_ptr& exception) noexcept override;

  http::exchange& exchange_;
  http_request request_;
  http_response response_;
  std::unique_ptr<details> details_;
  const websocket_options* websocket_defaults_ = nullptr;
  detachable_mark detachable_;
  std::stop_source aborted_{std::nostopstate};
  bool is_aborted_ = false;
  bool status_code_pages_ = false;
};

}  // namespace saker
