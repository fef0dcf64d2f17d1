#include <saker/saker.hpp>

#include <thread>

// The handler gives the socket to a thread of its own and waits until that has finished with it.
saker::task<void> process(saker::websocket socket, saker::completion_source<> finished) {
  try {
    co_await socket.send("Hello from the background.");
    co_await socket.close();
  } catch (const saker::websocket_error&) {
    // The peer has gone.
  }
  finished.set_value();
}

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  saker::event_loop background;
  std::jthread thread([&] { background.run(); });

  app.map_websocket("/background", [&](saker::websocket socket) -> saker::task<void> {
    saker::completion_source<> finished;
    saker::spawn(background, process(std::move(socket), finished));
    co_await finished;
  });

  const int result = app.run();
  background.stop();
  return result;
}
