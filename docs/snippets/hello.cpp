#include <saker/saker.hpp>

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);

  app.map_get("/", [](saker::http_context& context) {
    return context.response().send("Hello, world!", "text/plain");
  });

  app.map_get("/hello/{name}", [](saker::http_context& context) {
    const auto name = std::string(context.request().route_value("name"));
    return context.response().send("Hello, " + name + "!", "text/plain; charset=utf-8");
  });

  app.map_websocket("/ws", [](saker::websocket socket) -> saker::task<void> {
    for (;;) {
      const auto message = co_await socket.receive_message();
      if (message.is_close()) break;
      co_await socket.send(message);
    }
    co_await socket.close();
  });

  return app.run();
}
