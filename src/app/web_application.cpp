#include <saker/app/web_application.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "app/binding.hpp"
#include "app/hosted_service.hpp"
#include "app/settings.hpp"
#include "app/websocket_endpoint.hpp"
#include "app/worker_group.hpp"
#include "http/features/static_file_server.hpp"
#include "observe/log.hpp"

namespace saker {

using observe::log_level;

struct web_application::implementation {
  app::settings settings;
  app::command_line_result command_line;
  http::connection_options options;
  std::unique_ptr<io::tls_server> tls;
  std::optional<app::proxy_protocol> proxies;
  application_builder pipeline;
  route_table routes;
  route_table query_token_routes;
  websocket_options websocket_defaults;
  std::map<std::string, std::shared_ptr<void>, std::less<>> room_states;
  std::vector<std::shared_ptr<app::hosted_service>> services;
  std::unique_ptr<app::worker_group> workers;
  std::vector<std::string> urls;
  std::vector<std::string> socket_files;
  bool started = false;
  std::optional<bool> ended_in_order;  ///< Once it has ended.

  std::stop_source stop_source;
  std::atomic<bool> stopping = false;
  std::mutex stop_mutex;  ///< `start` and `stop` may meet.
  app::worker_group::clock::time_point stopped_at;
  bool serving = false;
  bool workers_asked = false;

  // What `run` blocks on: signals and `stop`.
  boost::asio::io_context control{1};

  void open_endpoints();
  void deal(app::binding& bound);
  void ask_workers();
  bool finish();
  void end_services();
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
  implementation_->pipeline.use(std::move(component));
  return *this;
}

web_application& web_application::run(request_delegate handler) {
  implementation_->pipeline.run(std::move(handler));
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
  implementation_->pipeline.map(prefix, configure);
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

std::shared_ptr<void>& web_application::room_state(std::string_view room) const {
  auto& states = implementation_->room_states;
  auto found = states.find(room);
  if (found == states.end()) found = states.emplace(room, nullptr).first;
  return found->second;
}

void web_application::add_hosted_service(std::shared_ptr<app::hosted_service> service) {
  implementation_->services.push_back(std::move(service));
}

route_table& web_application::routes() { return implementation_->routes; }

route_table& web_application::query_token_routes() { return implementation_->query_token_routes; }

std::vector<std::string> web_application::urls() const { return implementation_->urls; }

void web_application::implementation::open_endpoints() {
  const auto count = static_cast<unsigned>(workers->workers().size());
  for (const auto& endpoint : settings.endpoints) {
    app::binding bound(endpoint, count, settings.unix_socket_mode);
    if (bound.is_shared()) socket_files.push_back(endpoint.host);
    urls.push_back(bound.url());
    deal(bound);
  }
}

void web_application::implementation::deal(app::binding& bound) {
  const auto& all = workers->workers();
  for (const auto& address : bound.release()) {
    if (address.size() == 1 && bound.is_shared()) {
      all.front()->listen_for(address.front(), bound.is_secure(), all);
      continue;
    }
    for (std::size_t i = 0; i < address.size(); ++i) {
      all[i]->listen(address[i], bound.is_secure());
    }
  }
}

void web_application::start() {
  auto& own = *implementation_;
  if (own.started) throw std::logic_error("The application has already been started.");
  if (own.command_line.action == app::command::refuse) {
    throw std::invalid_argument(own.command_line.text);
  }
  own.started = true;
  own.options.application = own.pipeline.build(
      [&routes = own.routes](http_context& context) { return routes.dispatch(context); });
  own.settings.find_certificate();
  if (!own.settings.tls.certificates.empty()) {
    own.tls = std::make_unique<io::tls_server>(own.settings.tls);
  }
  const auto threads = own.settings.threads ? own.settings.threads : io::usable_cpus();
  own.workers = std::make_unique<app::worker_group>(threads, own.options, own.tls.get(),
                                                    own.proxies ? &*own.proxies : nullptr);
  try {
    own.open_endpoints();
  } catch (...) {
    own.workers.reset();
    throw;
  }
  // Right away: who finds the port open finds the line as well.
  for (const auto& url : own.urls) observe::log(log_level::information, "Now listening on: " + url);
  try {
    for (auto& service : own.services) service->start();
    own.workers->start();
  } catch (...) {
    own.workers->finish(app::worker_group::clock::now());
    own.end_services();
    own.workers.reset();
    throw;
  }
  const std::scoped_lock lock(own.stop_mutex);
  own.serving = true;
  own.ask_workers();
}

void web_application::implementation::ask_workers() {
  if (serving && stopping && !std::exchange(workers_asked, true)) workers->request_stop();
}

void web_application::stop() noexcept {
  auto& own = *implementation_;
  {
    const std::scoped_lock lock(own.stop_mutex);
    if (own.stopping) return;
    own.stopped_at = app::worker_group::clock::now();
    own.stopping = true;
  }
  own.stop_source.request_stop();
  own.control.stop();
  own.stopping.notify_all();
  // Last: once the workers have ended, whoever waits for that may destroy the application.
  const std::scoped_lock lock(own.stop_mutex);
  own.ask_workers();
}

std::stop_token web_application::stopping() const noexcept {
  return implementation_->stop_source.get_token();
}

bool web_application::wait() {
  auto& own = *implementation_;
  if (!own.workers) return true;
  own.stopping.wait(false);
  if (!own.ended_in_order) own.ended_in_order = own.finish();
  return *own.ended_in_order;
}

bool web_application::implementation::finish() {
  constexpr std::chrono::hours longest{24 * 365};
  const auto timeout = settings.shutdown_timeout;
  const auto cut_off =
      workers->finish(stopped_at + std::min<std::chrono::milliseconds>(timeout, longest));
  const bool all_ended = !cut_off.holds_stop();
  if (!cut_off.empty()) {
    observe::log(all_ended ? log_level::debug : log_level::warning,
                 "The stop has cut off " + cut_off.text() + ".");
  }
  end_services();
  return all_ended || timeout == std::chrono::milliseconds(0);
}

void web_application::implementation::end_services() {
  for (auto& service : services) service->stop();
  for (const auto& file : socket_files) std::remove(file.c_str());
  socket_files.clear();
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
  boost::asio::signal_set signals(own.control, SIGINT, SIGTERM);
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
  own.control.run();
  // A second signal ends what still runs.
  own.control.restart();
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    own.workers->hurry();
    // A third one ends the process, should a handler block its thread.
    signals.clear();
  });
  std::thread second([&] { own.control.run(); });
  const bool in_order = wait();
  own.control.stop();
  second.join();
  return in_order ? 0 : exit_code_cut_off;
}

websocket_metrics web_application::websocket_metrics() const {
  saker::websocket_metrics all;
  if (!implementation_->workers) return all;
  for (const auto& each : implementation_->workers->workers()) all += each->websocket_metrics();
  return all;
}

}  // namespace saker
