#include <saker/signalr.hpp>

namespace signalr = saker::signalr;

struct chat_hub : signalr::hub {
  void send(std::string user, std::string text) {
    clients().all().send("ReceiveMessage", user, text);
  }

  saker::task<int> add(int a, int b) { co_return a + b; }

  // A stream of values: of the server ...
  saker::async_generator<int> counter(int from, std::stop_token stop) {
    while (!stop.stop_requested()) co_yield from++;
  }

  // ... and of the client.
  saker::task<std::string> concat(signalr::stream_reader<std::string> words) {
    std::string all;
    for (;;) {
      const auto word = co_await words.read();
      if (!word) break;
      all += *word;
    }
    co_return all;
  }

  static void define(signalr::hub_methods<chat_hub>& methods) {
    methods.add("Send", &chat_hub::send)
        .add("Add", &chat_hub::add)
        .add("Counter", &chat_hub::counter)
        .add("Concat", &chat_hub::concat);
  }
};

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.add(signalr::map_hub<chat_hub>("/chat"));
  return app.run();
}
