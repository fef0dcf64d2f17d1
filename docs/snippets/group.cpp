#include <saker/saker.hpp>

int main(int argc, char** argv) {
  saker::websocket_group room;  // outlives the handlers that use it
  saker::web_application app(argc, argv);

  app.map_websocket("/room", [&room](saker::websocket& socket) -> saker::task<void> {
    room.add(socket);  // leaves by itself when it ends
    for (;;) {
      const auto message = co_await socket.receive_message();
      if (message.is_close()) break;
      room.broadcast_except(socket, message.text());  // any thread, returns at once
    }
  });

  return app.run();
}
