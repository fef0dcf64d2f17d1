// A SignalR hub at /hub, as ASP.NET Core's peer has one. Takes the port as its argument.

#include <saker/signalr.hpp>

#include <string>

namespace {

struct bench_hub : saker::signalr::hub {
  std::string echo(std::string text) { return text; }
  void broadcast(const std::string& text) { clients().others().send("Receive", text); }

  static void define(saker::signalr::hub_methods<bench_hub>& methods) {
    methods.add("Echo", &bench_hub::echo).add("Broadcast", &bench_hub::broadcast);
  }
};

}  // namespace

int main(int argc, char** argv) {
  saker::web_application app;
  app.set_urls("http://127.0.0.1:" + std::string(argc > 1 ? argv[1] : "0"));
  app.set_threads(1);
  // The load generator takes no pings for echoes.
  app.add_signalr([](saker::signalr::hub_options& options) {
    options.keep_alive_interval = std::chrono::minutes(10);
  });
  app.map_hub<bench_hub>("/hub");
  return app.run();
}
