// expected: class jwt_bearer; // Include <saker/authentication.hpp> and link saker::authentication.
// expected: class redis_backplane; // Include <saker/redis.hpp> and link saker::redis.
// expected: class hub; // Include <saker/signalr.hpp> and link saker::signalr.
// expected: class map_hub; // Include <saker/signalr.hpp> and link saker::signalr.
// expected: class map_connection; // Include <saker/signalr.hpp> and link saker::signalr.
#include <saker/saker.hpp>

struct chat_hub : saker::signalr::hub {};

void configure(saker::web_application& app) {
  app.add(saker::jwt_bearer({}));
  app.add(saker::signalr::redis_backplane({.url = "redis://127.0.0.1:6379"}));
  app.add(saker::signalr::map_hub<chat_hub>("/chat"));
  app.add(saker::signalr::map_connection("/raw", [](auto&) -> saker::task<void> { co_return; }));
}
