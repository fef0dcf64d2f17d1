#include "application.hpp"

#include <algorithm>
#include <array>
#include <coroutine>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include <saker/async/completion_source.hpp>
#include <saker/http/exchange/context.hpp>
#include <saker/http/exchange/limits.hpp>
#include <saker/http/message/error.hpp>

#include "bodies.hpp"
#include "hubs.hpp"
#include "socket_handlers.hpp"

namespace saker::simulation {
namespace {

std::size_t number_of(const http_request& request, std::string_view name) {
  return to_number(request.query(name).value_or("0"));
}

std::chrono::nanoseconds some_time(random& choices, nanoseconds most) {
  return std::chrono::nanoseconds(choices.between(0, choices.one_in(2) ? most : most / 1000));
}

/// Goes on in the middle of the stop request, which is what callbacks of a stop_token may do.
class until_either {
 public:
  until_either(std::stop_token one, std::stop_token other)
      : one_(std::move(one)), other_(std::move(other)) {}
  bool await_ready() const noexcept { return one_.stop_requested() || other_.stop_requested(); }
  void await_suspend(std::coroutine_handle<> caller) {
    waiting_ = caller;
    on_one_.emplace(one_, wake{this});
    on_other_.emplace(other_, wake{this});
  }
  void await_resume() const noexcept {}

 private:
  struct wake {
    until_either* on;
    void operator()() const {
      if (const auto waiting = std::exchange(on->waiting_, {})) waiting.resume();
    }
  };

  std::stop_token one_;
  std::stop_token other_;
  std::coroutine_handle<> waiting_;
  std::optional<std::stop_callback<wake>> on_one_;
  std::optional<std::stop_callback<wake>> on_other_;
};

/// The handlers of plain requests: `/http/KIND?c=CLIENT&r=REQUEST&n=BYTES`.
class http_handlers {
 public:
  explicit http_handlers(world& in) : world_(in) {}

  task<void> answer(http_context& context) {
    const auto& request = context.request();
    const auto number = number_of(request, "r");
    const auto size = number_of(request, "n");
    auto choices = world_.random_for(10'000 + number_of(request, "c") * 1000 + number);
    const std::string kind(request.route_value("kind"));
    if (kind == "echo") return echo(context, choices, size);
    if (kind == "pieces") return pieces(context, choices);
    if (kind == "large") return large(context, choices, number, size);
    if (kind == "slow") return slow(context, choices);
    if (kind == "watch") return watch(context, choices);
    if (kind == "until_gone") return until_gone(context);
    if (kind == "elsewhere") return from_elsewhere(context, choices);
    if (kind == "throw") throw std::runtime_error("as it is meant to be");
    if (kind == "error") throw http_error(418, "a teapot");
    if (kind == "later") return fail_later(context, choices);
    if (kind == "abort") return abort_later(context, choices);
    return context.response().send("plain", "text/plain");
  }

 private:
  static task<void> wait(random& choices, nanoseconds most) {
    auto pause = delay(some_time(choices, most));
    co_await pause;
  }

  static task<void> echo(http_context& context, random choices, std::size_t size) {
    if (choices.one_in(3)) co_await wait(choices, 4 * second);
    const auto body = co_await context.request().read_all(size + 1);
    if (choices.one_in(3)) co_await wait(choices, 4 * second);
    co_await context.response().send(body, "text/plain");
  }

  static task<void> pieces(http_context& context, random choices) {
    std::array<std::byte, 1000> buffer;
    auto pauses = choices.below(20);
    for (;;) {
      const auto room = 1 + choices.below(buffer.size());
      const auto count = co_await context.request().read(std::span(buffer).first(room));
      if (count == 0) break;
      if (pauses > 0 && choices.one_in(8)) {
        --pauses;
        co_await wait(choices, 200 * millisecond);
      }
      co_await context.response().write(std::span(buffer).first(count));
    }
    co_await context.response().start();
  }

  static task<void> large(http_context& context, random choices, std::size_t number,
                          std::size_t size) {
    const auto body = make_body(number, size);
    if (choices.one_in(2)) context.response().set_content_length(size);
    for (std::size_t at = 0; at < size;) {
      const auto count = 1 + choices.below(std::min<std::size_t>(size - at, 30'000));
      co_await context.response().write(std::string_view(body).substr(at, count));
      at += count;
      if (choices.one_in(20)) co_await wait(choices, 100 * millisecond);
    }
    co_await context.response().start();
  }

  static task<void> slow(http_context& context, random choices) {
    co_await wait(choices, 8 * second);
    co_await context.response().send("plain", "text/plain");
  }

  /// A stream of events that ends when the client has gone, or after a while.
  static task<void> watch(http_context& context, random choices) {
    const auto gone = context.request_aborted();
    const auto stopping = context.stopping();
    // Longer than a stop may take: it has to be noticed.
    const auto count = choices.below(40);
    for (std::size_t i = 0; i < count && !gone.stop_requested() && !stopping.stop_requested();
         ++i) {
      co_await context.response().write("event\n");
      co_await wait(choices, second);
    }
    co_await context.response().start();
  }

  /// Nothing but the client's end, or the server's, ends it.
  task<void> until_gone(http_context& context) {
    const auto begun = world_.now();
    const auto gone = context.request_aborted();
    const std::stop_callback another(gone, [] {});
    until_either wait(gone, context.stopping());
    co_await wait;
    if (world_.stopping() && world_.now() - std::max(begun, world_.stop_began()) > 2 * second) {
      world_.fail("a handler did not learn that the server is stopping");
    }
  }

  /// What it waits for comes from a thread that is no event loop.
  task<void> from_elsewhere(http_context& context, random choices) {
    completion_source<std::string> source;
    world_.elsewhere(choices.between(0, 3 * second),
                     [source]() mutable { source.try_set_value("plain"); });
    const auto text = co_await source;
    co_await context.response().send(text, "text/plain");
  }

  static task<void> fail_later(http_context&, random choices) {
    co_await wait(choices, 2 * second);
    throw std::runtime_error("as it is meant to be");
  }

  static task<void> abort_later(http_context& context, random choices) {
    co_await wait(choices, 2 * second);
    context.abort();
  }

  world& world_;
};

http_limits choose_limits(random& choices) {
  http_limits limits;
  limits.keep_alive_timeout = std::chrono::seconds(20);
  limits.request_headers_timeout = std::chrono::seconds(8);
  limits.max_response_buffer_size =
      static_cast<std::size_t>(choices.one_of(0, 4096, 16384, 100'000));
  limits.max_request_buffer_size =
      static_cast<std::size_t>(choices.one_of(64, 300, 1000, 4096, 8192, 32768));
  limits.http2.initial_connection_window_size = 65'535;
  limits.http2.initial_stream_window_size = 65'535;
  limits.http2.max_connection_buffer_size = static_cast<std::size_t>(choices.one_of(4096, 131072));
  limits.http2.max_streams_per_connection = static_cast<std::uint32_t>(choices.one_of(3, 20));
  limits.http2.keep_alive_ping_delay = std::chrono::seconds(15);
  limits.http2.keep_alive_ping_timeout = std::chrono::seconds(10);
  return limits;
}

websocket_options choose_socket_options(random& choices) {
  websocket_options options;
  options.idle_timeout = std::chrono::seconds(40);
  options.keep_alive_interval = std::chrono::seconds(choices.one_of(0, 7));
  if (choices.one_in(2)) options.keep_alive_timeout = std::chrono::seconds(9);
  options.max_message_size = 64 * 1024;
  options.send_high_water_mark = static_cast<std::size_t>(choices.one_of(1, 4096, 16384));
  options.send_buffer_limit = 64 * 1024;
  options.receive_read_ahead = static_cast<std::size_t>(choices.one_of(1, 1000, 16384));
  options.send_timeout = std::chrono::seconds(12);
  return options;
}

}  // namespace

void map_application(web_application& application, world& in, random choices) {
  application.set_limits(choose_limits(choices));
  application.use_websockets(choose_socket_options(choices));
  const auto plain = std::make_shared<http_handlers>(in);
  application.map("/http/{kind}",
                  [plain](http_context& context) { return plain->answer(context); });
  map_sockets(application, in);
  map_hubs(application, in, choices);
}

}  // namespace saker::simulation
