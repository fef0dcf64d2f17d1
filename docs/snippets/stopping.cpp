#include <saker/saker.hpp>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  // An event stream that ends with the server.
  app.map_get("/time", [](saker::http_context& context) -> saker::task<void> {
    context.response().set_content_type("text/event-stream");
    while (!co_await saker::wait_for_stop(context.stopping(), 1s)) {
      co_await context.response().write("data: tick\n\n");
    }
  });
  return app.run();
}
