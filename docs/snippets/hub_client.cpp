#include <saker/signalr.hpp>

namespace signalr = saker::signalr;

// The clients' methods with their types: a wrong argument does not compile.
struct quiz_client {
  static constexpr signalr::client_method<std::string(std::string)> ask{"Ask"};
  static constexpr signalr::client_method<void(std::string, bool)> result{"Result"};
};

struct quiz_hub : signalr::hub {
  saker::task<void> play(std::string room) {
    groups().add_to_group(context().connection_id(), room);
    const auto answer = co_await clients().caller().invoke(quiz_client::ask, "6 x 7?");
    clients().group(room).send(quiz_client::result, answer, answer == "42");
  }

  static void define(signalr::hub_methods<quiz_hub>& methods) {
    methods.add("Play", &quiz_hub::play);
  }
};

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.add(signalr::map_hub<quiz_hub>("/quiz"));

  // From anywhere else, on any thread.
  const signalr::hub_context<quiz_hub> quiz(app);
  app.map_post("/stop", [quiz](saker::http_context& context) {
    quiz.clients().all().send(quiz_client::result, "The quiz is over", false);
    return context.response().send(std::to_string(quiz.clients().count()) + " were told\n");
  });
  return app.run();
}
