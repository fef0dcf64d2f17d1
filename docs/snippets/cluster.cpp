#include <saker/redis/redis_backplane.hpp>
#include <saker/signalr.hpp>

struct prices_hub : saker::signalr::hub {
  saker::task<void> watch(std::string symbol) {
    auto joining = groups().add_to_group(context().connection_id(), symbol);
    co_await joining;
  }

  static void define(saker::signalr::hub_methods<prices_hub>& methods) {
    methods.add("Watch", &prices_hub::watch);
  }
};

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.use_forwarded_headers();
  app.use_redis_backplane({.url = "redis://127.0.0.1:6379"});
  app.map_hub<prices_hub>("/prices", [](saker::signalr::hub_endpoint_options& options) {
    options.hub.name = "Trading.PricesHub";
  });
  return app.run();
}
