#include <saker/saker.hpp>

#include <atomic>
#include <string>

// A service, which handlers share. They run on several threads.
struct page_counter {
  std::atomic<int> pages = 0;
};

// A feature: what a library offers to applications, in one piece.
struct page_counting {
  std::string path;

  void add_to(saker::feature_host& host) && {
    auto& counter = host.services().get_or_add<page_counter>();
    host.pipeline().use([&counter](saker::http_context&, saker::next next) {
      ++counter.pages;
      return next();
    });
    host.routes().add(path, {"GET"}, [&counter](saker::http_context& context) {
      return context.response().send(std::to_string(counter.pages) + "\n");
    });
  }
};

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.add(page_counting{"/pages"});
  app.map_get("/", [](saker::http_context& context) { return context.response().send("home\n"); });
  return app.run();
}
