#include <saker/redis.hpp>

namespace signalr = saker::signalr;

struct prices_hub : signalr::hub {
  saker::task<void> watch(std::string symbol) {
    auto joining = groups().add_to_group(context().connection_id(), symbol);
    co_await joining;
  }

  static void define(signalr::hub_methods<prices_hub>& methods) {
    methods.add("Watch", &prices_hub::watch);
  }
};

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.use_forwarded_headers();
  app.add(signalr::redis_backplane({.url = "redis://127.0.0.1:6379"}));
  app.add(signalr::map_hub<prices_hub>("/prices", [](signalr::hub_endpoint_options& options) {
    options.hub.name = "Trading.PricesHub";
  }));
  return app.run();
}
