#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <saker/http/exchange/limits.hpp>
#include <saker/http/exchange/problem_details.hpp>
#include <saker/http/features/cors.hpp>
#include <saker/http/features/forwarded_headers.hpp>
#include <saker/http/features/static_files.hpp>
#include <saker/http/pipeline/controller.hpp>
#include <saker/http/pipeline/exception_handler.hpp>
#include <saker/http/pipeline/feature_host.hpp>
#include <saker/http/pipeline/middleware.hpp>
#include <saker/http/pipeline/routing.hpp>
#include <saker/io/proxy_protocol_options.hpp>
#include <saker/io/tls_options.hpp>
#include <saker/websocket/manager.hpp>
#include <saker/websocket/metrics.hpp>

namespace saker {

/// A handler of `map_websocket`. It owns the socket: move the socket away to hand it over.
using websocket_handler = std::function<task<void>(websocket, http_context&)>;

/// A command-line option of the application: a flag if the target is a bool, otherwise an option
/// with a value. The targets must outlive the construction of the web_application.
struct command_line_option {
  std::string name;  ///< Including the dashes: "--no-compression".
  std::string help;
  std::variant<bool*, std::string*> target;
};

/// The server: its endpoints, its pipeline, its lifetime.
///
/// Purpose: construct it, add middleware, routes and features, `run` it. Requests pass the
/// middleware in the order of the calls; routes come last, wherever they were added.
///
/// Owner: usually `main`. Thread rule: configure it from one thread before it starts; then handlers
/// run on its event loops, one per thread, several requests at a time. `stop` may be called from
/// any thread.
///
/// Configuration, later sources override earlier ones: the defaults, the program (`set_...`,
/// `use_https`), the environment (SAKER_URLS, SAKER_THREADS, ...), the command line (`--urls`,
/// `--threads`, ...); docs/configuration.md lists them. The constructor that takes the arguments
/// reads environment and command line; their values apply whenever the program sets the same
/// option. For a bad value, one line on standard error names the option, the value and what is
/// allowed, and `run` returns 2; for an endpoint that cannot be bound, it prints one line, and
/// `run` returns 1.
class web_application : public feature_host {
 public:
  web_application();
  web_application(int argc, const char* const* argv,
                  const std::vector<command_line_option>& own_options = {});
  ~web_application();
  web_application(const web_application&) = delete;
  web_application& operator=(const web_application&) = delete;

  /// Sets the endpoints, separated by ';': `http://127.0.0.1:5000`, `http://[::1]:5000`,
  /// `http://localhost:5000` (both loopback addresses), `http://*:5000` (every address),
  /// `http://name:5000` (the addresses that the name resolves to at the start; it must resolve),
  /// `http://unix:/run/app.sock`, and the same with `https://`, for TLS. Port 0 takes a free port.
  /// Default: http://localhost:5000. Each endpoint speaks HTTP/1.1 and HTTP/2: with TLS selected by
  /// ALPN, without TLS by the first bytes (prior knowledge). A malformed URL throws
  /// `std::invalid_argument`.
  web_application& set_urls(std::string_view urls);
  /// Sets the permissions of the socket files of `http://unix:` endpoints, which decide who may
  /// connect. 0 to 0777; default 0600, the server's own user. A proxy that runs as another user of
  /// the same group needs 0660.
  web_application& set_unix_socket_mode(unsigned mode);
  /// Sets the number of threads, each with an event loop: 1..1024. Default: the number of CPUs that
  /// the process may use (affinity and control group).
  web_application& set_threads(unsigned threads);
  /// Sets the log level: "debug", "information", "warning", "error" or "off". Default: information.
  web_application& set_log_level(std::string_view level);
  /// Sets the certificate of the `https://` endpoints, and what they require of clients. Without
  /// it: the certificate of the command line (`--certificate`, `--key`), which also overrides this
  /// one, or the development certificate that `./dev cert` made.
  web_application& use_https(tls_options options);
  /// Reads the PROXY protocol, for a proxy that forwards TCP, as HAProxy does with `send-proxy`.
  web_application& use_proxy_protocol(const proxy_protocol_options& options = {});
  web_application& set_limits(const http_limits& limits);
  /// Sets how long `stop` lets requests, sockets and hub calls finish. Default 30 s; 0: not at all.
  web_application& set_shutdown_timeout(std::chrono::milliseconds timeout);
  /// Sets whether `Server: Saker` is sent. Default true.
  web_application& set_server_header(bool enabled);
  /// Shows clients the text of exceptions other than `http_error`, as the detail of the problem.
  /// For development only. Default false.
  web_application& set_detailed_errors(bool enabled);
  /// Customizes the problem details of error responses (<saker/http/exchange/problem_details.hpp>).
  web_application& set_problem_details(problem_details_options options);

  web_application& use(middleware component);
  /// Ends the pipeline: routes are never reached.
  web_application& run(request_delegate handler);
  web_application& use_websockets(websocket_options options = {});
  web_application& use_static_files(static_file_options options = {});
  web_application& use_static_files(const char* root);
  web_application& use_default_files(default_file_options options = {});
  /// Turns exceptions from components added later into responses, so that middleware added earlier
  /// sees them. Without it, exceptions pass through all middleware, and the server answers 500.
  web_application& use_exception_handler(exception_handler_options options = {});
  web_application& use_exception_handler(exception_handler handler);
  /// Adds problem details to error responses without a body: those whose status later components
  /// merely set, without throwing.
  web_application& use_status_code_pages();
  web_application& use_cors(cors_options options);
  /// Applies the forwarded fields of a proxy that speaks HTTP. Over HTTP/2 such a proxy may send
  /// the scheme of its own connection in `:scheme`, which is then ignored.
  web_application& use_forwarded_headers(forwarded_headers_options options = {});

  /// Adds a route for every method (given a handler), or a branch of the pipeline for every path
  /// below a prefix (given a function of application_builder&).
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

  /// Serves a file below the root instead of a 404, for applications whose pages have paths only in
  /// the browser: answers GET and HEAD requests that no route takes, whatever the order of the
  /// calls, and whose path does not look like a file's (see `route_table::add_fallback`). Requests
  /// with other methods, for files, and for WebSockets keep their 404 or 405.
  ///
  /// The file is sent as `use_static_files` would, with `Cache-Control: no-cache` unless the
  /// options say otherwise; `request_path` is ignored. If the file does not exist: 404. A root that
  /// does not exist, a name that cannot be served or a pattern that was added before throws
  /// `std::invalid_argument`. Default pattern: `/{*path}`.
  web_application& map_fallback_to_file(std::string_view file_name,
                                        static_file_options options = {});
  web_application& map_fallback_to_file(std::string_view pattern, std::string_view file_name,
                                        static_file_options options = {});

  /// Adds a route that accepts WebSockets and passes them to the handler, `task<void>(websocket)`
  /// or `task<void>(websocket, http_context&)`; either may take the socket by reference instead.
  /// Other requests, and handshakes that do not offer the sub-protocol of the options, are answered
  /// 400, a handshake of another version 426. Enables WebSockets (as `use_websockets()` does) if
  /// they are not enabled yet. If a handler takes only the socket, and no middleware awaits it, the
  /// request is destroyed once the socket is accepted: its fields and items do not take memory for
  /// the lifetime of the socket.
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

  /// Adds the routes of a controller. One object is created for each request, from copies of the
  /// arguments; pass `std::ref` or shared pointers to share services.
  template <class Controller, class... Arguments>
  web_application& map_controllers(Arguments... arguments) {
    controller_routes<Controller> table(
        routes(), [arguments...] { return std::make_unique<Controller>(arguments...); });
    Controller::define(table);
    return *this;
  }

  /// Adds a feature: SignalR, authentication, a backplane, one of your own; see the concept
  /// saker::feature. Middleware that it adds takes the place of this call in the order.
  ///
  ///     app.add(saker::jwt_bearer(tokens));
  ///     app.add(saker::signalr::map_hub<chat_hub>("/chat"));
  template <class Feature>
  web_application& add(Feature&& added) {
    using type = std::remove_cvref_t<Feature>;
    static_assert(feature<type>,
                  "This is not a feature, which has a public `void add_to(saker::feature_host&)`: "
                  "include the header that defines the feature, such as <saker/signalr.hpp> (link "
                  "saker::signalr).");
    if constexpr (feature<type>) type(std::forward<Feature>(added)).add_to(*this);
    return *this;
  }

  /// The exit code of `run` when the stop had to cut something off.
  static constexpr int exit_code_cut_off = 3;

  /// Starts, logs `Now listening on: ...` per endpoint, and serves until SIGINT, SIGTERM or `stop`;
  /// then shuts down gracefully (see `stop`). A second signal ends the server at once, with one
  /// warning that names what was cut off; a third one ends the process, even if a handler blocks
  /// its thread.
  ///
  /// Returns the exit code: 0 after a graceful end, 1 if an endpoint cannot be bound, 2 for a bad
  /// value, `exit_code_cut_off` (3) if requests, sockets or hub calls were cut off by the shutdown
  /// timeout or a second signal. With a timeout of 0, cutting off counts as graceful, as does
  /// ending a WebSocket that has been sent its Close and whose peer has not answered.
  int run();

  /// Binds the endpoints and starts the threads. Throws `std::system_error` if an endpoint cannot
  /// be bound, `std::invalid_argument` for a bad command line, `std::logic_error` on a second call.
  void start();
  /// Shuts the server down gracefully: `stopping` is signalled, no new connection is accepted, idle
  /// connections close, requests and hub calls finish, every WebSocket, whenever accepted, is sent
  /// Close 1001, and its peer has a second to answer. The server stops waiting for a peer that does
  /// not read, or does not end its side of a connection, 1.5 s after the last handler has ended.
  /// What has not ended by the shutdown timeout is cut off, and named in one warning.
  ///
  /// Returns when the callbacks of `stopping` have returned; further calls have no effect.
  void stop() noexcept;
  /// Returns a token that `stop` signals before anything else ends, so that a last message can
  /// still be sent. Callbacks run on the thread that calls `stop`, and delay it; post work for an
  /// event loop to that loop. Handlers use `http_context::stopping`, which is signalled on their
  /// own loop. May be called from any thread.
  std::stop_token stopping() const noexcept;
  /// Waits until everything has ended after `stop`, or until the shutdown timeout. Returns false if
  /// something was cut off, as defined for `run`. Call it from the thread that called `start`.
  bool wait();

  /// Returns the bound endpoints with their real ports; call it after `start`.
  std::vector<std::string> urls() const;

  /// Returns the counters of the WebSockets since `start`. Takes no lock and does not pause the
  /// loops, so an exporter may call it as often as it likes. May be called from any thread.
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

  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace saker
