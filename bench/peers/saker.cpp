// Saker as the other peers are. Takes the port and what it does as its arguments: echo (default),
// deflate, deflate-takeover, broadcast, broadcast-deflate; then, for TLS, a certificate and its
// key.

#include <saker/saker.hpp>

#include <string>
#include <string_view>

namespace {

saker::task<void> echo(saker::websocket socket) {
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
    co_await socket.send(message.bytes(), message.type());
  }
  co_await socket.close(*socket.close_status(), socket.close_status_description());
}

saker::task<void> take_part(saker::websocket_group& group, saker::websocket& socket) {
  group.add(socket);
  // g++ 12 destroys what a co_await in the condition of a loop gives twice.
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
  }
}

saker::task<void> broadcast(saker::websocket_group& group, saker::websocket& socket) {
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
    group.broadcast(saker::websocket_prepared_message(message.bytes(), message.type()));
  }
}

saker::task<void> greet(saker::http_context& context) {
  return context.response().send("Hello, World!", "text/plain");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 2 ? argv[2] : "echo";
  saker::websocket_group group;
  saker::web_application app;
  app.set_urls((argc > 4 ? "https://127.0.0.1:" : "http://127.0.0.1:") +
               std::string(argc > 1 ? argv[1] : "0"));
  if (argc > 4)
    app.use_https({.certificates = {{.certificate_file = argv[3], .key_file = argv[4]}}});
  app.set_threads(1);
  app.map_get("/hello", greet);
  saker::websocket_accept_options options;
  options.dangerous_enable_compression = mode.find("deflate") != std::string_view::npos;
  options.disable_server_context_takeover = mode != "deflate-takeover";
  if (mode.starts_with("broadcast")) {
    app.map_websocket(
        "/ws", [&](saker::websocket& socket) { return take_part(group, socket); }, options);
    app.map_websocket(
        "/send", [&](saker::websocket& socket) { return broadcast(group, socket); }, options);
  } else {
    app.map_websocket("/ws", echo, options);
  }
  return app.run();
}
