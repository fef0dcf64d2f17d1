#include <gtest/gtest.h>

#include <saker/saker.hpp>

#include <string>
#include <string_view>
#include <utility>

#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

class http_cors : public ::testing::Test {
 protected:
  test_server server{[](web_application& app) {
    app.use_cors({.allowed_origins = {"https://good.example", "https://*.good.example"},
                  .allowed_methods = {"PUT", "DELETE"},
                  .exposed_headers = {"X-Total"},
                  .allow_credentials = true,
                  .preflight_max_age = std::chrono::seconds(600)});
    app.map("/thing", [](http_context& context) { return context.response().send("thing"); });
  }};

  std::string ask(const std::string& method, const std::string& fields) {
    auto client = raw_client::connect(server.port());
    client.send_all(method + " /thing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields +
                    "\r\n");
    return client.read_to_eof();
  }
};

bool has(const std::string& answer, const std::string& line) {
  return answer.find("\r\n" + line + "\r\n") != std::string::npos;
}

const std::string preflight =
    "Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a, x-b\r\n";

TEST_F(http_cors, answers_preflights) {
  const auto answer = ask("OPTIONS", "Origin: https://good.example\r\n" + preflight);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 204 ")) << answer;
  for (const auto* line :
       {"Access-Control-Allow-Origin: https://good.example",
        "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT, DELETE",
        "Access-Control-Allow-Headers: x-a, x-b", "Access-Control-Max-Age: 600", "Vary: Origin"}) {
    EXPECT_TRUE(has(answer, line)) << line << "\n" << answer;
  }
}

TEST_F(http_cors, marks_answers) {
  const auto answer = ask("GET", "Origin: https://sub.good.example\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(has(answer, "Access-Control-Allow-Origin: https://sub.good.example")) << answer;
  EXPECT_TRUE(has(answer, "Access-Control-Allow-Credentials: true"));
  EXPECT_TRUE(has(answer, "Access-Control-Expose-Headers: X-Total"));
  EXPECT_TRUE(has(answer, "Vary: Origin"));
}

TEST_F(http_cors, tells_strangers_nothing) {
  for (const auto* origin :
       {"https://bad.example", "http://good.example", "null", "https://good.example.bad.example"}) {
    const auto fields = "Origin: " + std::string(origin) + "\r\n";
    for (const auto& answer : {ask("GET", fields), ask("OPTIONS", fields + preflight)}) {
      EXPECT_EQ(answer.find("Access-Control"), std::string::npos) << answer;
      EXPECT_TRUE(has(answer, "Vary: Origin"));
    }
  }
}

TEST_F(http_cors, leaves_alone_what_is_of_the_same_origin) {
  const auto answer = ask("GET", "");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(answer.find("Access-Control"), std::string::npos);
}

TEST(http_cors_origins, may_be_said_by_a_predicate) {
  test_server server([](web_application& app) {
    app.use_cors(
        {.allowed_origins = {"http://localhost:*"},
         .is_origin_allowed = [](std::string_view origin) { return origin.ends_with(".example"); },
         .allow_credentials = true});
    app.map("/thing", [](http_context& context) { return context.response().send("thing"); });
  });
  for (const auto& [origin, is_allowed] :
       {std::pair{"http://localhost:4200", true}, std::pair{"https://any.example", true},
        std::pair{"https://any.net", false}}) {
    auto client = raw_client::connect(server.port());
    client.send_all("GET /thing HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: " +
                    std::string(origin) + "\r\n\r\n");
    const auto answer = client.read_to_eof();
    EXPECT_EQ(has(answer, "Access-Control-Allow-Origin: " + std::string(origin)), is_allowed);
    EXPECT_TRUE(has(answer, "Vary: Origin"));
  }
}

TEST(http_cors_options, refuse_every_origin_with_credentials) {
  web_application app;
  EXPECT_THROW(app.use_cors({.allowed_origins = {"*"}, .allow_credentials = true}),
               std::invalid_argument);
  EXPECT_NO_THROW(app.use_cors({.allowed_origins = {"*"}}));
}

}  // namespace
}  // namespace saker::testing
