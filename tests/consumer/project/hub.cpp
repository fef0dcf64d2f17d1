// Uses the libraries that come besides: only public headers, and everything links.

#include <saker/authentication.hpp>
#include <saker/redis.hpp>

struct greeter : saker::signalr::hub {
  std::string greet(const std::string& name) { return "Hello, " + name + "!"; }
  static void define(saker::signalr::hub_methods<greeter>& methods) {
    methods.add("Greet", &greeter::greet);
  }
};

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.add(saker::jwt_bearer({.keys = {{saker::jwt_algorithm::hs256, std::string(32, 'x')}}}));
  app.add(saker::signalr::redis_backplane({.url = "redis://127.0.0.1:6379"}));
  app.add(saker::signalr::map_hub<greeter>("/greeter"));
  return app.run();
}
