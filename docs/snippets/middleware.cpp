#include <saker/saker.hpp>

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);

  // Around everything that follows.
  app.use([](saker::http_context& context, saker::next next) -> saker::task<void> {
    co_await next();
    std::printf("%s %d\n", std::string(context.request().path()).c_str(),
                context.response().status());
  });

  // An exception becomes a status here, which the middleware above sees.
  app.use_exception_handler();

  // A branch of its own below /admin.
  app.map("/admin", [](saker::application_builder& branch) {
    branch.run([](saker::http_context& context) { return context.response().send("admin\n"); });
  });

  // A failure that carries its status.
  app.map_post("/upload", [](saker::http_context& context) -> saker::task<void> {
    const auto body = co_await context.request().read_all();
    if (body.empty()) throw saker::http_error(422, "The body is empty.");
    co_await context.response().send(body);
  });

  return app.run();
}
