#include <saker/saker.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);

  // Sees the status of every answer: the exception handler comes after it.
  app.use([](saker::http_context& context, saker::next next) -> saker::task<void> {
    co_await next();
    std::printf("%s %d\n", std::string(context.request().path()).c_str(),
                context.response().status());
  });

  // What carries no status gets one, and a page for people.
  app.use_exception_handler({
      .status_code_selector = [](const std::exception_ptr& failure) -> int {
        try {
          std::rethrow_exception(failure);
        } catch (const std::invalid_argument&) {
          return 400;
        } catch (...) {
          return 500;
        }
      },
      .handler = [](saker::http_context& context, std::exception_ptr) -> saker::task<void> {
        co_await context.response().send("<h1>Sorry.</h1>", "text/html; charset=utf-8");
      },
  });

  // Problem details for 404 and 405 of routes too, and where to read about each.
  app.use_status_code_pages();
  app.set_problem_details(
      {.customize = [](saker::http_context& context, saker::problem_details& problem) {
        problem.type = "/problems/" + std::to_string(context.response().status());
      }});

  app.map_post("/orders", [](saker::http_context& context) -> saker::task<void> {
    const auto order = co_await context.request().read_all();
    if (order.empty()) throw saker::http_error(422, "The order is empty.");
    const auto seats = std::stoi(order);  // May throw std::invalid_argument.
    co_await context.response().send(std::to_string(seats) + " seats are yours.\n");
  });

  return app.run();
}
