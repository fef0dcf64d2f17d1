#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

#include <saker/http/controller.hpp>
#include <saker/http/cors.hpp>
#include <saker/http/exception_handler.hpp>
#include <saker/http/forwarded_headers.hpp>
#include <saker/http/limits.hpp>
#include <saker/http/middleware.hpp>
#include <saker/http/problem_details.hpp>
#include <saker/http/routing.hpp>
#include <saker/http/static_files.hpp>
#include <saker/transport/proxy_protocol_options.hpp>
#include <saker/transport/tls_options.hpp>
#include <saker/websocket/manager.hpp>
#include <saker/websocket/metrics.hpp>

namespace saker {

struct jwt_bearer_options;

namespace server {
class hosted_service;
}

namespace signalr {
class connection_context;
class hub_manager;
struct connection_metrics;
struct connection_options;
struct hub_definition;
struct hub_endpoint_options;
struct hub_options;
struct redis_backplane_metrics;
struct redis_backplane_options;
template <class Hub>
class hub_context;
}  // namespace signalr

/// A handler of `map_websocket`, which owns the socket: move it away to hand it over.
using websocket_handler = std::function<task<void>(websocket, http_context&)>;

/// An option of the application's own on the command line: a flag where the target is a bool, else
/// one with a value. The targets must outlive the construction of the web_application.
struct command_line_option {
  std::string name;  ///< With its dashes: "--no-compression".
  std::string help;
  std::variant<bool*, std::string*> target;
};

/// The server: its endpoints, its pipeline, its life.
///
/// Purpose: construct it, add middleware and routes, `run` it. Requests pass the middleware in the
/// order of the calls; the routes come last, wherever they were added.
///
/// Owner: `main`, usually. Thread rule: configure it from one thread before it starts; then
/// handlers run on its event loops, one per thread, several requests at a time. `stop` may be
/// called from any thread.
///
/// Configuration, the later wins: the defaults, what the program sets (`set_...`, `use_https`), the
/// environment (SAKER_URLS, SAKER_THREADS, ...), the command line (`--urls`, `--threads`, ...);
/// docs/configuration.md lists them. Both are read by the constructor that is given the arguments,
/// and hold whenever the program sets the same. A bad value is one line on standard error that
/// names the option, the value and what is allowed, and `run` returns 2; an endpoint that cannot be
/// bound is one line too, and `run` returns 1.
class web_application {
 public:
  web_application();
  web_application(int argc, const char* const* argv,
                  const std::vector<command_line_option>& own_options = {});
  ~web_application();
  web_application(const web_application&) = delete;
  web_application& operator=(const web_application&) = delete;

  /// Endpoints, separated by ';': `http://127.0.0.1:5000`, `http://[::1]:5000`,
  /// `http://localhost:5000` (both loopbacks), `http://*:5000` (every address),
  /// `http://name:5000` (the addresses that the name resolves to at the start; it must),
  /// `http://unix:/run/app.sock`, and the same with `https://`, for TLS. Port 0 takes a free one.
  /// Default: http://localhost:5000. Each speaks HTTP/1.1 and HTTP/2: with TLS by ALPN, without it
  /// by the first bytes (prior knowledge).
  /// A malformed one throws `std::invalid_argument`.
  web_application& set_urls(std::string_view urls);
  /// The permissions of the files of `http://unix:` endpoints: who may connect. 0 to 0777; default
  /// 0600, the server's own user. A proxy that runs as another user of the same group needs 0660.
  web_application& set_unix_socket_mode(unsigned mode);
  /// Threads, each with an event loop: 1..1024. Default: the CPUs that the process may use
  /// (affinity and control group).
  web_application& set_threads(unsigned threads);
  /// "debug", "information", "warning", "error" or "off". Default: information.
  web_application& set_log_level(std::string_view level);
  /// How the `https://` endpoints prove who they are, and what they ask of clients. Without it: the
  /// certificate of the command line (`--certificate`, `--key`), which takes its place, or the one
  /// that `./dev cert` has made for development.
  web_application& use_https(tls_options options);
  /// Behind a proxy that forwards TCP, as HAProxy does with `send-proxy`.
  web_application& use_proxy_protocol(const proxy_protocol_options& options = {});
  web_application& set_limits(const http_limits& limits);
  /// How long `stop` lets requests, sockets and hub calls finish. Default 30 s; 0: not at all.
  web_application& set_shutdown_timeout(std::chrono::milliseconds timeout);
  /// Sends `Server: Saker`. Default true.
  web_application& set_server_header(bool enabled);
  /// Shows clients the text of exceptions that are no `http_error`, as the detail of their problem.
  /// For development only. Default false.
  web_application& set_detailed_errors(bool enabled);
  /// Changes what errors say to clients (<saker/http/problem_details.hpp>).
  web_application& set_problem_details(problem_details_options options);

  web_application& use(middleware component);
  /// Ends the pipeline: routes are not reached.
  web_application& run(request_delegate handler);
  web_application& use_websockets(websocket_options options = {});
  web_application& use_static_files(static_file_options options = {});
  web_application& use_static_files(const char* root);
  web_application& use_default_files(default_file_options options = {});
  /// Makes a response of exceptions that come out of what is added afterwards, so that middleware
  /// added before sees it. Without it they pass all middleware, and the server answers 500.
  web_application& use_exception_handler(exception_handler_options options = {});
  web_application& use_exception_handler(exception_handler handler);
  /// Gives an error status problem details where it would have no body: what follows has only set
  /// it, and nothing was thrown.
  web_application& use_status_code_pages();
  web_application& use_cors(cors_options options);
  /// Behind a proxy that speaks HTTP. Over HTTP/2 it may leave its own connection's scheme in
  /// `:scheme`, which is not looked at then.
  web_application& use_forwarded_headers(forwarded_headers_options options = {});
  /// Authenticates by JWT bearer tokens, which hub routes also take from their query. Include
  /// <saker/authentication/jwt_bearer.hpp> and link saker::authentication.
  web_application& use_jwt_bearer(jwt_bearer_options options);

  /// A route for every method (a handler is given), or a branch of the pipeline for every path
  /// below a prefix (a function of application_builder& is given).
  template <class Callable>
  web_application& map(std::string_view pattern, Callable&& callable) {
    if constexpr (std::invocable<Callable&, application_builder&>) {
      return map_branch(pattern, std::forward<Callable>(callable));
    } else {
      return map_methods(pattern, {}, std::forward<Callable>(callable));
    }
  }
  web_application& map_methods(std::string_view pattern, std::vector<std::string> methods,
                               request_delegate handler);
  web_application& map_get(std::string_view pattern, request_delegate handler);
  web_application& map_post(std::string_view pattern, request_delegate handler);
  web_application& map_put(std::string_view pattern, request_delegate handler);
  web_application& map_patch(std::string_view pattern, request_delegate handler);
  web_application& map_delete(std::string_view pattern, request_delegate handler);

  /// Answers with a file below the root what would be a 404, as applications want whose pages have
  /// paths only in the browser: a GET or HEAD request that no other route takes, wherever it was
  /// added, and whose path looks like no file's (`route_table::add_fallback` says how). Requests of
  /// other methods, for files, and for WebSockets keep their 404 or 405.
  ///
  /// The file is sent as `use_static_files` would, with `Cache-Control: no-cache` unless the
  /// options say otherwise; their `request_path` plays no part. When there is no such file: 404. A
  /// root that does not exist, a name that cannot be served or a pattern that was added before
  /// throws `std::invalid_argument`. Default pattern: `/{*path}`.
  web_application& map_fallback_to_file(std::string_view file_name,
                                        static_file_options options = {});
  web_application& map_fallback_to_file(std::string_view pattern, std::string_view file_name,
                                        static_file_options options = {});

  /// A route that accepts WebSockets and gives them to the handler, `task<void>(websocket)` or
  /// `task<void>(websocket, http_context&)`; either may take the socket by reference instead. Other
  /// requests and handshakes that do not offer the sub-protocol of the options get 400, a handshake
  /// of another version 426. Turns WebSockets on (as
  /// `use_websockets()`) if that has not been done. Where a handler takes the socket alone, and no
  /// middleware awaits it, the request goes as soon as the socket is there: its fields and items do
  /// not take memory for as long as the socket lives.
  template <class Handler>
  web_application& map_websocket(std::string_view pattern, Handler&& handler,
                                 const websocket_accept_options& options = {}) {
    using called = std::decay_t<Handler>;
    if constexpr (std::invocable<called&, websocket, http_context&>) {
      return map_websocket_handler(pattern, std::forward<Handler>(handler), options, true);
    } else if constexpr (std::invocable<called&, websocket>) {
      return map_websocket_handler(
          pattern,
          [call = called(std::forward<Handler>(handler))](websocket socket, http_context&) {
            return call(std::move(socket));
          },
          options, false);
    } else {
      return map_websocket_handler(pattern, by_reference(std::forward<Handler>(handler)), options,
                                   std::invocable<called&, websocket&, http_context&>);
    }
  }

  /// The routes of a controller. One object is made for each request, from copies of the
  /// arguments; pass `std::ref` or shared pointers to share services.
  template <class Controller, class... Arguments>
  web_application& map_controllers(Arguments... arguments) {
    controller_routes<Controller> table(
        routes(), [arguments...] { return std::make_unique<Controller>(arguments...); });
    Controller::define(table);
    return *this;
  }

  // SignalR, for those who include <saker/signalr.hpp> and link saker::signalr; it is described
  // there.

  /// Changes the options that every hub mapped afterwards starts from.
  web_application& add_signalr(const std::function<void(signalr::hub_options&)>& configure);
  /// Serves the hubs mapped afterwards together with other servers, through Redis. Include
  /// <saker/signalr/redis_backplane.hpp> and link saker::redis. `std::logic_error` when a hub has
  /// been mapped already, or the second time.
  web_application& use_redis_backplane(const signalr::redis_backplane_options& options);
  /// `std::logic_error` without `use_redis_backplane`. From any thread.
  signalr::redis_backplane_metrics redis_backplane_metrics() const;
  /// A hub, at the pattern and at `/negotiate` below it. The arguments are, first, if wanted, a
  /// function that changes this hub's signalr::hub_endpoint_options, and then what each of its
  /// objects is made from (pass `std::ref` or shared pointers to share services).
  template <class Hub, class... Arguments>
  web_application& map_hub(std::string_view pattern, Arguments&&... arguments);
  /// Reaches a hub's clients from elsewhere, on any thread; may be asked for before `map_hub`, but
  /// used only from then on.
  template <class Hub>
  signalr::hub_context<Hub> hub_context();
  /// SignalR's connections without a hub.
  web_application& map_connection(std::string_view pattern,
                                  std::function<task<void>(signalr::connection_context&)> handler);
  web_application& map_connection(std::string_view pattern,
                                  std::function<task<void>(signalr::connection_context&)> handler,
                                  const signalr::connection_options& options);
  /// What SignalR's connections have done since the start. From any thread.
  signalr::connection_metrics signalr_metrics() const;

  /// What `run` returns when the stop had to cut something off.
  static constexpr int exit_code_cut_off = 3;

  /// Starts, logs `Now listening on: ...` per endpoint, and serves until SIGINT, SIGTERM or `stop`;
  /// then finishes in order (see `stop`). A second signal ends at once, with one warning that says
  /// what it has cut off; a third one ends the process, even where a handler blocks its thread.
  ///
  /// Returns the exit code: 0 after an end in order, 1 when an endpoint cannot be bound, 2 for a
  /// bad value, `exit_code_cut_off` (3) when requests, sockets or hub calls were cut off by the
  /// shutdown timeout or a second signal. A timeout of 0 asks for that and counts as order, as does
  /// a WebSocket that has been sent its Close and whose peer has not answered.
  int run();

  /// Binds the endpoints and starts the threads. Throws `std::system_error` when an endpoint cannot
  /// be bound, `std::invalid_argument` for a bad command line, `std::logic_error` the second time.
  void start();
  /// Asks the server to end: `stopping` is signalled, it accepts nothing more, idle connections
  /// close, requests and hub calls finish, every WebSocket gets Close 1001, whenever it was
  /// accepted, and its peer a second to answer. Who does not read, or does not end its side of a
  /// connection, is left alone 1.5 s after the last handler has ended. What has not ended when the
  /// shutdown timeout is over is cut off, and named in one warning.
  ///
  /// Returns when the callbacks of `stopping` have; further calls change nothing.
  void stop() noexcept;
  /// Signalled by `stop`, before anything else ends: a last message can still be sent. Callbacks
  /// run on the thread that calls `stop`, which they hold up; what is to happen on an event loop
  /// they post there. Handlers use `http_context::stopping`, which is signalled on their own loop.
  /// From any thread.
  std::stop_token stopping() const noexcept;
  /// Waits until everything has ended after `stop`, or the shutdown timeout is over. False: it has
  /// cut something off, as `run` counts it. From the thread that has called `start`.
  bool wait();

  /// After `start`: the endpoints as they are, with real ports.
  std::vector<std::string> urls() const;

  /// What the WebSockets have done since `start`, for an exporter to read as often as it likes: no
  /// lock, no pause of the loops. From any thread.
  saker::websocket_metrics websocket_metrics() const;

 private:
  web_application& map_branch(std::string_view prefix,
                              const std::function<void(application_builder&)>& configure);
  web_application& map_websocket_handler(std::string_view pattern, websocket_handler handler,
                                         const websocket_accept_options& options,
                                         bool uses_context);
  template <class Handler>
  static websocket_handler by_reference(Handler handler) {
    return [handler](websocket socket, http_context& context) -> task<void> {
      if constexpr (std::invocable<const Handler&, websocket&, http_context&>) {
        co_await handler(socket, context);
      } else {
        co_await handler(socket);
      }
    };
  }
  route_table& routes();
  /// Routes whose clients may give their token in the query.
  route_table& query_token_routes();
  web_application& add_hub(std::string_view pattern, const std::type_info& type,
                           signalr::hub_definition definition,
                           const std::function<void(signalr::hub_endpoint_options&)>& configure);
  const std::shared_ptr<signalr::hub_manager>& find_hub(const std::type_info& type);
  /// What a room that is linked besides keeps with the application, by its name.
  std::shared_ptr<void>& room_state(std::string_view room) const;
  void add_hosted_service(std::shared_ptr<server::hosted_service> service);

  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace saker
