// The SignalR chat sample: a hub that npm's client calls, with a page that shows messages, rooms,
// streams of the server and streams of the page. With a Redis any number of its servers are one
// chat.

#include <saker/redis.hpp>

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "chat_hub.hpp"

int main(int argc, char** argv) {
  std::string redis;
  bool behind_proxy = false;
  saker::web_application app(
      argc, argv,
      {{"--redis", "Shares the chat with other servers, for example redis://127.0.0.1:6379",
        &redis},
       {"--behind-proxy", "Believes what a proxy on this machine says of its clients",
        &behind_proxy}});
  if (behind_proxy) app.use_forwarded_headers();
  if (!redis.empty()) {
    try {
      app.add(saker::signalr::redis_backplane({.url = redis}));
    } catch (const std::invalid_argument& error) {
      std::fprintf(stderr, "--redis: %s\n", error.what());
      return 2;
    }
  }
  app.use_default_files({.root = "saker-signalr-chat.wwwroot"});
  app.use_static_files("saker-signalr-chat.wwwroot");
  app.map_get("/health",
              [](saker::http_context& context) { return context.response().send("healthy"); });
  app.add(saker::signalr::map_hub<chat_hub>(
      "/chat",
      [](saker::signalr::hub_endpoint_options& options) {
        // Somebody's lost connection must not cost them a message.
        options.connection.allow_stateful_reconnects = true;
      },
      std::make_shared<load_meter>(), redis.empty() ? "" : "server " + std::to_string(::getpid())));
  return app.run();
}
