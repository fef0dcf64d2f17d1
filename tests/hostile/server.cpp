// What the hostile clients talk to: a handler for each kind of answer. Every limit is short and
// small, so that an attack of a few seconds comes to the end of each.

#include <saker/saker.hpp>
#include <saker/signalr.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using saker::async_generator;
using saker::http_context;
using saker::task;
using saker::websocket;

constexpr std::size_t kibi = 1024;
// No handler takes longer than that by itself (harness.py knows it).
constexpr auto slowest_handler = 1500ms;
constexpr auto message_time = 100ms;

task<void> pause(std::chrono::milliseconds time) {
  auto waiting = saker::delay(time);
  co_await waiting;
}

bool is_late(std::chrono::steady_clock::time_point begin) {
  return std::chrono::steady_clock::now() - begin > slowest_handler;
}

// --- HTTP ---

task<void> slow(http_context& context) {
  co_await pause(300ms);
  co_await context.response().send("slow\n", "text/plain");
}

task<void> wait_for_the_end(http_context& context) {
  auto waiting = saker::delay(slowest_handler, context.request_aborted());
  co_await waiting;
}

/// 64 MiB in pieces, as a download or an endless report writes them.
task<void> download(http_context& context) {
  static const std::string piece(16 * kibi, 'd');
  const auto begin = std::chrono::steady_clock::now();
  for (int count = 0; count < 4096 && !is_late(begin); ++count)
    co_await context.response().write(piece);
}

task<void> whole(http_context& context) {
  static const std::string body(256 * kibi, 'w');
  return context.response().send(body, "text/plain");
}

task<void> events(http_context& context) {
  const auto begin = std::chrono::steady_clock::now();
  context.response().set_content_type("text/event-stream");
  while (!is_late(begin)) {
    co_await context.response().write("data: something has happened\n\n");
    co_await pause(1ms);
  }
}

task<void> trailers(http_context& context) {
  context.response().append_trailer("Digest", std::string(512, 't'));
  co_await context.response().write("body\n");
}

task<void> upload(http_context& context) {
  const auto begin = std::chrono::steady_clock::now();
  std::array<std::byte, 4096> buffer;
  std::size_t total = 0;
  for (;;) {
    const auto count = co_await context.request().read(buffer);
    if (count == 0 || is_late(begin)) break;
    total += count;
    co_await pause(1ms);
  }
  co_await context.response().send(std::to_string(total) + "\n");
}

task<void> read_all(http_context& context) {
  const auto body = co_await context.request().read_all(64 * kibi);
  co_await context.response().send(body);
}

void map_requests(saker::web_application& app) {
  app.map_get("/ok", [](http_context& context) { return context.response().send("ok\n"); });
  app.map("/nothing", [](http_context& context) -> task<void> {
    context.response().set_status(204);
    co_return;
  });
  app.map("/unread", [](http_context& context) { return context.response().send("not read\n"); });
  app.map("/refuse", [](http_context&) -> task<void> {
    throw saker::http_error(403);
    co_return;
  });
  app.map_get("/echo-head", [](http_context& context) {
    std::string text;
    for (const auto& [name, value] : context.request().headers())
      text += std::string(name) + ": " + std::string(value) + "\n";
    return context.response().send(text);
  });
  app.map_get("/slow", slow);
  app.map_get("/wait", wait_for_the_end);
  app.map_get("/download", download);
  app.map_get("/whole", whole);
  app.map_get("/events", events);
  app.map_get("/trailers", trailers);
  app.map("/upload", upload);
  app.map("/read-all", read_all);
}

// --- WebSockets ---

task<void> echo_messages(websocket& socket) {
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
    co_await socket.send(message.bytes(), message.type());
  }
  co_await socket.close();
}

task<void> echo_parts(websocket& socket) {
  std::array<std::byte, 4096> buffer;
  for (;;) {
    const auto received = co_await socket.receive(buffer);
    if (received.close_status) break;
    co_await socket.send(std::span(buffer).first(received.count), received.type,
                         received.end_of_message);
  }
  co_await socket.close();
}

/// Leaves after a while: what its client has sent is more than it ever takes, and whether that has
/// gone stands behind it.
task<void> busy_socket(websocket& socket) {
  const auto begin = std::chrono::steady_clock::now();
  while (!is_late(begin)) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
    co_await pause(message_time);
  }
  co_await socket.close();
}

/// Takes no message at all.
task<void> deaf_socket(websocket&) { return pause(slowest_handler); }

task<void> push(websocket& socket) {
  static const std::string text(kibi, 'p');
  const auto begin = std::chrono::steady_clock::now();
  while (!is_late(begin)) co_await socket.send(text);
  co_await socket.close();
}

task<void> try_push(websocket& socket) {
  static const std::string text(kibi, 'p');
  const auto begin = std::chrono::steady_clock::now();
  while (!is_late(begin)) {
    for (int count = 0; count < 64; ++count) socket.try_send(text);
    co_await pause(1ms);
  }
  co_await socket.close();
}

/// A room in which somebody always talks, from a thread of its own.
class room {
 public:
  explicit room(saker::overflow_policy policy)
      : group_(policy), thread_([this](const std::stop_token& stop) { talk(stop); }) {}

  task<void> visit(websocket& socket) {
    group_.add(socket);
    for (;;) {
      const auto message = co_await socket.receive_message();
      if (message.is_close()) break;
      group_.broadcast_except(socket, message.text());
    }
    co_await socket.close();
  }

 private:
  void talk(const std::stop_token& stop) {
    const std::string text(4 * kibi, 'r');
    while (!stop.stop_requested()) {
      if (group_.size() > 0) {
        for (int count = 0; count < 16; ++count) group_.broadcast(text);
      }
      std::this_thread::sleep_for(5ms);
    }
  }

  saker::websocket_group group_;
  std::jthread thread_;
};

template <class Handler>
void map_compressed(saker::web_application& app, std::string_view pattern, Handler handler,
                    bool takeover) {
  app.map_websocket(
      pattern, handler,
      {.dangerous_enable_compression = true, .disable_server_context_takeover = !takeover});
}

void map_sockets(saker::web_application& app, room& closing, room& dropping) {
  app.use_websockets({.keep_alive_interval = 500ms,
                      .keep_alive_timeout = 1000ms,
                      .max_message_size = 256 * kibi,
                      .send_buffer_limit = 256 * kibi,
                      .close_timeout = 500ms,
                      .send_timeout = 1000ms});
  app.map_websocket("/ws/messages", echo_messages);
  app.map_websocket("/ws/parts", echo_parts);
  app.map_websocket("/ws/busy", busy_socket);
  app.map_websocket("/ws/deaf", deaf_socket);
  app.map_websocket("/ws/push", push);
  app.map_websocket("/ws/try-push", try_push);
  app.map_websocket("/ws/room", [&closing](websocket& socket) { return closing.visit(socket); });
  app.map_websocket("/ws/dropping-room",
                    [&dropping](websocket& socket) { return dropping.visit(socket); });
  map_compressed(app, "/ws/compressed", echo_messages, true);
  map_compressed(app, "/ws/compressed-busy", busy_socket, false);
}

// --- SignalR ---

struct victim_hub : saker::signalr::hub {
  int add(int left, int right) { return left + right; }
  std::string echo(std::string text) { return text; }
  void nothing() {}
  void fail() { throw saker::signalr::hub_error("No."); }
  task<void> busy() { return pause(message_time); }
  task<int> ask() { co_return co_await clients().caller().invoke<int>("Ask"); }
  void join(std::string group) { groups().add_to_group(context().connection_id(), group); }
  void leave(std::string group) { groups().remove_from_group(context().connection_id(), group); }
  void tell_all(std::string text) { clients().all().send("Told", text); }
  void tell_group(std::string group, std::string text) {
    clients().group(group).send("Told", text);
  }
  void tell_caller(int count) {
    const std::string text(kibi, 'h');
    for (int sent = 0; sent < count; ++sent) clients().caller().send("Told", text);
  }
  async_generator<std::string> items(int count) {
    for (int sent = 0; sent < count; ++sent) co_yield std::string(kibi, 'i');
  }
  task<int> sum(saker::signalr::stream_reader<int> numbers) {
    int total = 0;
    for (;;) {
      const auto number = co_await numbers.read();
      if (!number) break;
      total += *number;
      co_await pause(1ms);
    }
    co_return total;
  }

  static void define(saker::signalr::hub_methods<victim_hub>& methods) {
    methods.add("Add", &victim_hub::add)
        .add("Echo", &victim_hub::echo)
        .add("Nothing", &victim_hub::nothing)
        .add("Fail", &victim_hub::fail)
        .add("Busy", &victim_hub::busy)
        .add("Ask", &victim_hub::ask)
        .add("Join", &victim_hub::join)
        .add("Leave", &victim_hub::leave)
        .add("TellAll", &victim_hub::tell_all)
        .add("TellGroup", &victim_hub::tell_group)
        .add("TellCaller", &victim_hub::tell_caller)
        .add("Items", &victim_hub::items)
        .add("Sum", &victim_hub::sum);
  }
};

struct stateful_hub : victim_hub {
  static void define(saker::signalr::hub_methods<stateful_hub>& methods) {
    methods.add("Add", &victim_hub::add)
        .add("TellCaller", &victim_hub::tell_caller)
        .add("Echo", &victim_hub::echo);
  }
};

void shorten(saker::signalr::hub_endpoint_options& options) {
  options.hub.keep_alive_interval = 1000ms;
  options.hub.client_timeout_interval = 2000ms;
  options.hub.handshake_timeout = 1000ms;
  options.connection.transport_send_timeout = 1000ms;
  options.connection.websocket_close_timeout = 500ms;
  options.connection.poll_timeout = 1000ms;
  options.connection.disconnect_timeout = 1000ms;
  options.connection.send_buffer_limit = 256 * kibi;
}

task<void> echo_bytes(saker::signalr::connection_context& connection) {
  std::array<std::byte, 4096> buffer;
  for (;;) {
    const auto count = co_await connection.read(buffer);
    if (count == 0) break;
    co_await connection.write(std::span(buffer).first(count));
  }
}

void map_hubs(saker::web_application& app) {
  app.add(saker::signalr::map_hub<victim_hub>("/hub", shorten));
  app.add(saker::signalr::map_hub<stateful_hub>(
      "/stateful", [](saker::signalr::hub_endpoint_options& options) {
        shorten(options);
        options.connection.allow_stateful_reconnects = true;
      }));
  saker::signalr::hub_endpoint_options options;
  shorten(options);
  app.add(saker::signalr::map_connection("/bytes", echo_bytes, options.connection));
}

saker::http_limits short_limits() {
  saker::http_limits limits;
  limits.request_headers_timeout = 1000ms;
  limits.keep_alive_timeout = 1000ms;
  limits.min_data_rate_grace_period = 1001ms;
  limits.max_request_body_size = 1024 * kibi;
  limits.max_request_buffer_size = 64 * kibi;
  limits.http2.initial_connection_window_size = 256 * kibi;
  limits.http2.initial_stream_window_size = 64 * kibi;
  limits.http2.max_connection_buffer_size = 1024 * kibi;
  limits.http2.max_streams_per_connection = 20;
  limits.http2.keep_alive_ping_delay = 1000ms;
  limits.http2.keep_alive_ping_timeout = 1000ms;
  return limits;
}

}  // namespace

int main(int argc, char** argv) {
  bool proxied = false;
  std::string root;
  saker::web_application app(argc, argv,
                             {{"--proxied", "Expects the PROXY protocol.", &proxied},
                              {"--root", "The folder of static files.", &root}});
  room closing(saker::overflow_policy::disconnect);
  room dropping(saker::overflow_policy::drop_newest);
  app.set_limits(short_limits()).set_shutdown_timeout(20s);
  // The certificate itself is the command line's.
  app.use_https(
      {.certificates = {{.certificate_file = "see --certificate"}}, .handshake_timeout = 1000ms});
  if (proxied) app.use_proxy_protocol({.header_timeout = 1000ms});
  if (!root.empty()) app.use_static_files(root.c_str());
  map_sockets(app, closing, dropping);
  map_requests(app);
  map_hubs(app);
  return app.run();
}
