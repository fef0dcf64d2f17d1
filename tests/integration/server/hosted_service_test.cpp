#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>

#include <saker/async/completion_source.hpp>
#include <saker/saker.hpp>

#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

struct switched_service final : hosted_service {
  void start() override {
    if (fails) throw std::runtime_error("no start");
    runs = true;
  }
  void stop() override { runs = false; }
  std::atomic<bool> runs = false;
  bool fails = false;
};

TEST(server_hosted_service, runs_from_the_start_until_the_last_handler_has_ended) {
  const auto service = std::make_shared<switched_service>();
  std::promise<void> entered;
  completion_source<> opened;
  bool ran_to_the_end = false;
  test_server server([&](web_application& app) {
    app.services().add_hosted_service(service);
    app.map_get("/", [&](http_context& context) -> task<void> {
      entered.set_value();
      co_await opened;
      ran_to_the_end = service->runs;
      co_await context.response().send("done");
    });
  });
  EXPECT_TRUE(service->runs);
  auto client = raw_client::connect(server.port());
  client.send_all("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  entered.get_future().wait();
  server.app().stop();
  opened.set_value();
  server.stop();
  EXPECT_TRUE(ran_to_the_end);
  EXPECT_FALSE(service->runs);
}

TEST(server_hosted_service, that_cannot_start_ends_the_start_and_those_before_it) {
  const auto first = std::make_shared<switched_service>();
  const auto second = std::make_shared<switched_service>();
  second->fails = true;
  web_application app;
  app.set_urls("http://127.0.0.1:0").set_log_level("off");
  app.services().add_hosted_service(first).add_hosted_service(second);
  EXPECT_THROW(app.start(), std::runtime_error);
  EXPECT_FALSE(first->runs);
}

TEST(server_features, adds_features_of_the_user) {
  struct ping {
    std::unique_ptr<std::string> text;
    void add_to(feature_host& host) && {
      host.routes().add("/ping", {"GET"}, [said = *text](http_context& context) {
        return context.response().send(said);
      });
    }
  };
  test_server server(
      [](web_application& app) { app.add(ping{std::make_unique<std::string>("pong")}); });
  auto client = raw_client::connect(server.port());
  client.send_all("GET /ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.read_to_eof().ends_with("pong"));
}

}  // namespace
}  // namespace saker::testing
