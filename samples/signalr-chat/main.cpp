// The SignalR chat sample: a hub that npm's client calls, with a page that shows messages, rooms,
// streams of the server and streams of the page.

#include <saker/signalr.hpp>

#include <memory>

#include "chat_hub.hpp"

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.use_default_files({.root = "saker-signalr-chat.wwwroot"});
  app.use_static_files("saker-signalr-chat.wwwroot");
  app.map_hub<chat_hub>(
      "/chat",
      [](saker::signalr::hub_endpoint_options& options) {
        // Somebody's lost connection must not cost them a message.
        options.connection.allow_stateful_reconnects = true;
      },
      std::make_shared<load_meter>());
  return app.run();
}
