#include <saker/authentication.hpp>
#include <saker/signalr.hpp>

namespace signalr = saker::signalr;

struct news_hub : signalr::hub {
  void publish(std::string headline) { clients().all().send("News", headline); }
  std::string whoami() { return context().user_identifier(); }

  static void define(signalr::hub_methods<news_hub>& methods) {
    methods.add("WhoAmI", &news_hub::whoami)
        .add("Publish", &news_hub::publish, {.authorization = {saker::require_role({"editor"})}});
  }
};

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.use_cors({.allowed_origins = {"https://news.example"}, .allow_credentials = true});

  saker::jwt_bearer_options tokens;
  tokens.keys = {{saker::jwt_algorithm::hs256, "a secret of thirty-two bytes or more"}};
  tokens.valid_issuers = {"https://login.example"};
  tokens.valid_audiences = {"news"};
  app.add(saker::jwt_bearer(tokens));

  app.add(signalr::map_hub<news_hub>("/news", [](signalr::hub_endpoint_options& options) {
    options.connection.authorization = {saker::require_authenticated_user()};
    options.connection.close_on_authentication_expiration = true;
  }));
  return app.run();
}
