#include <saker/saker.hpp>

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);

  // "/" becomes "/index.html". Files named after their content are kept for a year; caches ask
  // about all others each time.
  app.use_default_files();
  app.use_static_files({.cache_control = "no-cache", .immutable_files = saker::has_fingerprint});

  app.map_get("/api/time",
              [](saker::http_context& context) { return context.response().send("now\n"); });

  // Other pages have their paths in the browser only.
  app.map_fallback_to_file("index.html");

  return app.run();
}
