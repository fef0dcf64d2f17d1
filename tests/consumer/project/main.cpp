// Starts a server on a free port, says where, and stops it.

#include <saker/saker.hpp>

#include <cstdio>

int main() {
  saker::web_application app;
  app.set_urls("http://127.0.0.1:0").set_threads(1);
  app.map_get("/", [](saker::http_context& context) { return context.response().send("Hello"); });
  app.start();
  std::printf("served at %s\n", app.urls().front().c_str());
  app.stop();
  app.wait();
}
