// Requests that fail in every way, for pages of the origin that --allow-origin names, and a page.

#include <saker/http/features/jwt_bearer.hpp>
#include <saker/saker.hpp>

#include <stdexcept>
#include <string>

int main(int argc, char** argv) {
  std::string allowed;
  saker::web_application app(argc, argv,
                             {{"--allow-origin", "whose pages may read answers", &allowed}});
  app.use_cors({.allowed_origins = {allowed},
                .exposed_headers = {"WWW-Authenticate"},
                .allow_credentials = true});
  saker::jwt_bearer_options tokens;
  tokens.keys = {{saker::jwt_algorithm::hs256, "a secret of thirty-two bytes and more"}};
  app.add(saker::jwt_bearer(tokens));
  app.map_get("/", [](saker::http_context& context) {
    return context.response().send("<!doctype html>", "text/html");
  });
  app.map("/401", [](saker::http_context&) -> saker::task<void> {
    throw saker::http_error(401, "A token, please.");
  });
  app.map("/404", [](saker::http_context&) -> saker::task<void> {
    throw saker::http_error(404, "No such thing.");
  });
  app.map("/500",
          [](saker::http_context&) -> saker::task<void> { throw std::runtime_error("a secret"); });
  return app.run();
}
