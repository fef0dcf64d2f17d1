// The WebSocket sample: a page to talk to the server, and the same echo in three forms, as a
// handler, as a controller, and handed to a background thread. /sockets tells what carries each
// open socket.

#include <saker/saker.hpp>

#include "background_processor.hpp"
#include "echo.hpp"
#include "socket_journal.hpp"

namespace {

saker::task<void> refuse(saker::http_context& context) {
  context.response().set_status(400);
  return context.response().send("Connect with a WebSocket.\n", "text/plain; charset=utf-8");
}

saker::websocket_accept_options accept_options;
socket_journal journal;

saker::task<void> echo_handler(saker::http_context& context) {
  if (!context.websockets().is_websocket_request()) {
    co_await refuse(context);
    co_return;
  }
  const socket_journal::place noted(journal, context);
  auto socket = co_await context.websockets().accept(accept_options);
  co_await echo(socket);
}

struct echo_controller : saker::controller {
  saker::task<void> get() { return echo_handler(context()); }

  static void define(saker::controller_routes<echo_controller>& routes) {
    // `route`, not `get`: HTTP/2 opens WebSockets with CONNECT.
    routes.route("/controller/ws", &echo_controller::get);
  }
};

saker::task<void> hand_over(saker::http_context& context, background_processor& processor) {
  if (!context.websockets().is_websocket_request()) {
    co_await refuse(context);
    co_return;
  }
  const socket_journal::place noted(journal, context);
  auto socket = co_await context.websockets().accept(accept_options);
  saker::completion_source<> finished;
  processor.add_socket(std::move(socket), finished);
  co_await finished;
}

}  // namespace

int main(int argc, char** argv) {
  bool no_compression = false;
  saker::web_application app(argc, argv,
                             {{"--no-compression", "Refuse permessage-deflate.", &no_compression}});
  // What is echoed holds no secret besides what the client chose.
  accept_options.dangerous_enable_compression = !no_compression;
  background_processor processor;  // Goes before the application whose sockets it owns.
  app.use_websockets();
  app.use_default_files({.root = "saker-echo.wwwroot"});
  app.use_static_files("saker-echo.wwwroot");
  app.map("/ws", echo_handler);
  app.map_controllers<echo_controller>();
  app.map("/background/ws",
          [&processor](saker::http_context& context) { return hand_over(context, processor); });
  app.map_get("/sockets", [](saker::http_context& context) { return journal.list(context); });
  app.map_get("/sockets/{id}", [](saker::http_context& context) { return journal.show(context); });
  return app.run();
}
