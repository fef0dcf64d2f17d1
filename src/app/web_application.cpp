#include <saker/app/web_application.hpp>

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "app/lifetime.hpp"
#include "app/proxied_connection.hpp"
#include "app/server.hpp"
#include "app/settings.hpp"
#include "app/websocket_endpoint.hpp"
#include "http/features/static_file_server.hpp"
#include "observe/log.hpp"

namespace saker {

using observe::log_level;

struct web_application::implementation {
  app::settings settings;
  app::command_line_result command_line;
  http::connection_options options;
  std::optional<app::proxy_protocol> proxies;
  websocket_options websocket_defaults;
  app::lifetime life;
  std::unique_ptr<app::server> server;  ///< From the start on.
  std::optional<bool> ended_in_order;   ///< Once it has ended.
};

web_application::web_application() : implementation_(std::make_unique<implementation>()) {}

web_application::web_application(int argc, const char* const* argv,
                                 const std::vector<command_line_option>& own_options)
    : web_application() {
  auto& own = *implementation_;
  own.command_line = app::apply_command_line(own.settings, argc, argv, own_options);
  observe::set_log_level(own.settings.log_level);
}

web_application::~web_application() {
  stop();
  wait();
}

// What the environment or the command line has given comes later and wins.

web_application& web_application::set_urls(std::string_view urls) {
  auto& settings = implementation_->settings;
  auto endpoints = app::parse_endpoints(urls);
  if (!settings.given.endpoints) settings.endpoints = std::move(endpoints);
  return *this;
}

web_application& web_application::set_unix_socket_mode(unsigned mode) {
  auto& settings = implementation_->settings;
  if (mode > 0777) throw std::invalid_argument("The mode of Unix sockets must be 0777 or less.");
  if (!settings.given.unix_socket_mode) settings.unix_socket_mode = mode;
  return *this;
}

web_application& web_application::set_threads(unsigned threads) {
  auto& settings = implementation_->settings;
  threads = app::parse_threads(std::to_string(threads));
  if (!settings.given.threads) settings.threads = threads;
  return *this;
}

web_application& web_application::set_log_level(std::string_view level) {
  const auto parsed = app::parse_log_level(level);
  if (!implementation_->settings.given.log_level) observe::set_log_level(parsed);
  return *this;
}

web_application& web_application::use_https(tls_options options) {
  auto given = std::move(implementation_->settings.tls.certificates);
  if (!given.empty()) options.certificates = std::move(given);
  options.validate();
  implementation_->settings.tls = std::move(options);
  return *this;
}

web_application& web_application::use_proxy_protocol(const proxy_protocol_options& options) {
  options.validate();
  implementation_->proxies.emplace(options);
  return *this;
}

web_application& web_application::set_limits(const http_limits& limits) {
  limits.validate();
  implementation_->options.limits = limits;
  return *this;
}

web_application& web_application::set_shutdown_timeout(std::chrono::milliseconds timeout) {
  if (timeout < std::chrono::milliseconds(0)) {
    throw std::invalid_argument("The shutdown timeout must be 0 or more.");
  }
  auto& settings = implementation_->settings;
  if (!settings.given.shutdown_timeout) settings.shutdown_timeout = timeout;
  return *this;
}

web_application& web_application::set_server_header(bool enabled) {
  implementation_->options.add_server_header = enabled;
  return *this;
}

web_application& web_application::set_detailed_errors(bool enabled) {
  implementation_->options.include_exception_details = enabled;
  return *this;
}

web_application& web_application::set_problem_details(problem_details_options options) {
  implementation_->options.problem_details = std::move(options);
  return *this;
}

web_application& web_application::use(middleware component) {
  pipeline().use(std::move(component));
  return *this;
}

web_application& web_application::run(request_delegate handler) {
  pipeline().run(std::move(handler));
  return *this;
}

web_application& web_application::use_websockets(websocket_options options) {
  return use(websockets_middleware(std::move(options)));
}

web_application& web_application::use_static_files(static_file_options options) {
  return use(static_files(std::move(options)));
}

web_application& web_application::use_static_files(const char* root) {
  static_file_options options;
  options.root = root;
  return use_static_files(std::move(options));
}

web_application& web_application::use_default_files(default_file_options options) {
  return use(default_files(std::move(options)));
}

web_application& web_application::use_exception_handler(exception_handler_options options) {
  return use(exception_handler_middleware(std::move(options)));
}

web_application& web_application::use_exception_handler(exception_handler handler) {
  if (!handler) throw std::invalid_argument("An exception handler must not be empty.");
  return use_exception_handler(exception_handler_options{.handler = std::move(handler)});
}

web_application& web_application::use_status_code_pages() {
  return use(status_code_pages_middleware());
}

web_application& web_application::use_cors(cors_options options) {
  return use(cors_middleware(std::move(options)));
}

web_application& web_application::use_forwarded_headers(forwarded_headers_options options) {
  implementation_->options.allow_alternate_schemes = true;
  return use(forwarded_headers(std::move(options)));
}

web_application& web_application::map_branch(
    std::string_view prefix, const std::function<void(application_builder&)>& configure) {
  pipeline().map(prefix, configure);
  return *this;
}

web_application& web_application::map_methods(std::string_view pattern,
                                              std::vector<std::string> methods,
                                              request_delegate handler) {
  routes().add(pattern, std::move(methods), std::move(handler));
  return *this;
}

web_application& web_application::map_get(std::string_view pattern, request_delegate handler) {
  return map_methods(pattern, {"GET"}, std::move(handler));
}

web_application& web_application::map_post(std::string_view pattern, request_delegate handler) {
  return map_methods(pattern, {"POST"}, std::move(handler));
}

web_application& web_application::map_put(std::string_view pattern, request_delegate handler) {
  return map_methods(pattern, {"PUT"}, std::move(handler));
}

web_application& web_application::map_patch(std::string_view pattern, request_delegate handler) {
  return map_methods(pattern, {"PATCH"}, std::move(handler));
}

web_application& web_application::map_delete(std::string_view pattern, request_delegate handler) {
  return map_methods(pattern, {"DELETE"}, std::move(handler));
}

web_application& web_application::map_fallback_to_file(std::string_view file_name,
                                                       static_file_options options) {
  return map_fallback_to_file("/{*path}", file_name, std::move(options));
}

web_application& web_application::map_fallback_to_file(std::string_view pattern,
                                                       std::string_view file_name,
                                                       static_file_options options) {
  routes().add_fallback(pattern, http::fallback_file(file_name, std::move(options)));
  return *this;
}

web_application& web_application::map_websocket_handler(std::string_view pattern,
                                                        websocket_handler handler,
                                                        const websocket_accept_options& options,
                                                        bool uses_context) {
  return map_methods(pattern, {},
                     app::websocket_endpoint(implementation_->websocket_defaults,
                                             std::move(handler), options, uses_context));
}

std::vector<std::string> web_application::urls() const {
  const auto& server = implementation_->server;
  return server ? server->urls() : std::vector<std::string>();
}

void web_application::start() {
  auto& own = *implementation_;
  if (own.command_line.action == app::command::refuse) {
    throw std::invalid_argument(own.command_line.text);
  }
  own.life.begin();
  own.options.application = pipeline().build(
      [&table = routes()](http_context& context) { return table.dispatch(context); });
  own.settings.find_certificate();
  own.server = std::make_unique<app::server>(own.settings, own.options,
                                             own.proxies ? &*own.proxies : nullptr);
  // Right away: who finds the port open finds the line as well.
  for (const auto& url : own.server->urls()) {
    observe::log(log_level::information, "Now listening on: " + url);
  }
  try {
    services().start_hosted_services();
    own.server->start();
  } catch (...) {
    own.server->finish(app::lifetime::clock::now(), std::chrono::milliseconds(0));
    services().stop_hosted_services();
    own.server.reset();
    throw;
  }
  own.life.serve(*own.server);
}

void web_application::stop() noexcept { implementation_->life.stop(); }

std::stop_token web_application::stopping() const noexcept {
  return implementation_->life.stopping();
}

bool web_application::wait() {
  auto& own = *implementation_;
  if (!own.server) return true;
  const auto stopped_at = own.life.wait_for_stop();
  if (!own.ended_in_order) {
    own.ended_in_order = own.server->finish(stopped_at, own.settings.shutdown_timeout);
    services().stop_hosted_services();
  }
  return *own.ended_in_order;
}

int web_application::run() {
  auto& own = *implementation_;
  if (own.command_line.action == app::command::show_help) {
    std::fputs(own.command_line.text.c_str(), stdout);
    return 0;
  }
  if (own.command_line.action == app::command::refuse) {
    std::fprintf(stderr, "%s\n", own.command_line.text.c_str());
    return 2;
  }
  // Before the start, so that a signal that comes right after «Now listening» finds its handler.
  auto& control = own.life.control();
  boost::asio::signal_set signals(control, SIGINT, SIGTERM);
  try {
    start();
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    observe::log(log_level::information, "Application is shutting down...");
    stop();
  });
  control.run();
  // A second signal ends what still runs.
  control.restart();
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    own.server->hurry();
    // A third one ends the process, should a handler block its thread.
    signals.clear();
  });
  std::thread second([&] { control.run(); });
  const bool in_order = wait();
  control.stop();
  second.join();
  return in_order ? 0 : exit_code_cut_off;
}

websocket_metrics web_application::websocket_metrics() const {
  const auto& server = implementation_->server;
  return server ? server->metrics() : saker::websocket_metrics();
}

}  // namespace saker
