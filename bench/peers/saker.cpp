// Saker as the other peers are: an echo of whole messages. Takes the port as its argument.

#include <saker/saker.hpp>

#include <string>

namespace {

saker::task<void> echo(saker::websocket socket) {
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
    co_await socket.send(message.bytes(), message.type());
  }
  co_await socket.close(*socket.close_status(), socket.close_status_description());
}

}  // namespace

int main(int argc, char** argv) {
  saker::web_application app;
  app.set_urls(std::string("http://127.0.0.1:") + (argc > 1 ? argv[1] : "0"));
  app.set_threads(1);
  app.map_websocket("/ws", echo);
  return app.run();
}
