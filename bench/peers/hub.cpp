// A SignalR hub at /hub, as ASP.NET Core's peer has one. Takes the port as its argument, and after
// it the address of a Redis and, if wanted, "locally-first".

#include <saker/redis.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace {

struct order {
  int id = 0;
  std::string symbol;
  std::string account;
  bool buys = false;
  int quantity = 0;
  double price = 0;
  double limit = 0;
  std::string note;
};
SAKER_FIELDS(order, id, symbol, account, buys, quantity, price, limit, note)

struct bench_hub : saker::signalr::hub {
  std::string echo(std::string text) { return text; }
  order echo_struct(order value) { return value; }
  std::vector<int> echo_numbers(std::vector<int> values) { return values; }
  void broadcast(const std::string& text) { clients().others().send("Receive", text); }
  saker::task<void> join(std::string group) {
    auto joining = groups().add_to_group(context().connection_id(), group);
    co_await joining;
  }
  void send_group(const std::string& group, const std::string& text) {
    clients().group(group).send("Receive", text);
  }

  static void define(saker::signalr::hub_methods<bench_hub>& methods) {
    methods.add("Echo", &bench_hub::echo)
        .add("EchoStruct", &bench_hub::echo_struct)
        .add("EchoNumbers", &bench_hub::echo_numbers)
        .add("Broadcast", &bench_hub::broadcast)
        .add("Join", &bench_hub::join)
        .add("SendGroup", &bench_hub::send_group);
  }
};

}  // namespace

int main(int argc, char** argv) {
  saker::web_application app;
  app.set_urls("http://127.0.0.1:" + std::string(argc > 1 ? argv[1] : "0"));
  app.set_threads(1);
  if (argc > 2) {
    const bool locally_first = argc > 3 && std::string_view(argv[3]) == "locally-first";
    app.add(
        saker::signalr::redis_backplane({.url = argv[2], .deliver_locally_first = locally_first}));
  }
  // The load generator takes no pings for echoes.
  app.add(saker::signalr::defaults([](saker::signalr::hub_options& options) {
    options.keep_alive_interval = std::chrono::minutes(10);
  }));
  app.add(saker::signalr::map_hub<bench_hub>("/hub"));
  return app.run();
}
