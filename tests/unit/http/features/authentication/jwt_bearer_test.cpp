#include <saker/http/features/jwt_bearer.hpp>

#include <gtest/gtest.h>

#include <jwt.h>

#include <cstdlib>
#include <memory>
#include <string>

#include <saker/http/message/error.hpp>
#include <saker/http/pipeline/query_token_routes.hpp>

#include "unit/http/exchange/memory_protocol.hpp"

namespace saker::http {
namespace {

const std::string secret = "a secret of thirty-two bytes and more";

std::string valid_token() {
  jwt_t* raw = nullptr;
  EXPECT_EQ(jwt_new(&raw), 0);
  const std::unique_ptr<jwt_t, void (*)(jwt_t*)> token(raw, &jwt_free);
  EXPECT_EQ(jwt_add_grants_json(raw, R"({"sub":"ada"})"), 0);
  EXPECT_EQ(jwt_set_alg(raw, JWT_ALG_HS256, reinterpret_cast<const unsigned char*>(secret.data()),
                        static_cast<int>(secret.size())),
            0);
  const std::unique_ptr<char, void (*)(void*)> text(jwt_encode_str(raw), &std::free);
  return text.get();
}

/// The `WWW-Authenticate` of a request that is answered so.
std::string challenge_for(const std::string& authorization, request_delegate handler, int status) {
  test::field_list fields;
  if (!authorization.empty()) fields.emplace_back("Authorization", authorization);
  test::memory_protocol exchange("GET", "/", fields);
  jwt_bearer_options options;
  options.keys = {{jwt_algorithm::hs256, secret}};
  options.require_expiration_time = false;
  application_builder app;
  app.use([](http_context&, next rest) -> task<void> {
    auto work = rest();
    co_await work;
  });
  app.use(jwt_bearer_middleware(options)).run(std::move(handler));
  test::serve(app.build(), exchange);
  EXPECT_EQ(exchange.status(), status);
  EXPECT_LE(exchange.answer().count("WWW-Authenticate"), 1U);
  return std::string(exchange.answer().get("WWW-Authenticate"));
}

request_delegate answering(int status) {
  return [status](http_context& context) -> task<void> {
    context.response().set_status(status);
    co_return;
  };
}

request_delegate throwing(int status) {
  return [status](http_context&) -> task<void> {
    throw http_error(status);
    co_return;
  };
}

TEST(jwt_bearer, says_with_401_what_would_help) {
  for (const auto& handler : {answering(401), throwing(401)}) {
    EXPECT_EQ(challenge_for("", handler, 401), "Bearer");
    EXPECT_EQ(challenge_for("Bearer x", handler, 401),
              R"(Bearer error="invalid_token", error_description="The token is malformed")");
    EXPECT_EQ(challenge_for("Bearer " + valid_token(), handler, 401), "Bearer");
  }
}

TEST(jwt_bearer, says_nothing_of_the_kind_with_other_statuses) {
  for (const auto& authorization : {std::string(), std::string("Bearer x")}) {
    EXPECT_EQ(challenge_for(authorization, throwing(403), 403), "");
    EXPECT_EQ(challenge_for(authorization, answering(200), 200), "");
  }
}

/// The status for ada, who has her token in the query of that path: 401 if it is not taken.
int status_with_query_token(feature_host& host, const std::string& path) {
  test::memory_protocol exchange("GET", path + "?access_token=" + valid_token(), {});
  const auto application = host.pipeline().build([](http_context& context) -> task<void> {
    context.response().set_status(context.user().is_authenticated() ? 200 : 401);
    co_return;
  });
  test::serve(application, exchange);
  return exchange.status();
}

TEST(jwt_bearer, takes_tokens_from_the_query_of_the_routes_that_are_named) {
  jwt_bearer_options options;
  options.keys = {{jwt_algorithm::hs256, secret}};
  options.require_expiration_time = false;
  for (const bool named_first : {true, false}) {
    feature_host host;
    const auto name = [&] { host.services().get_or_add<query_token_routes>().add("/live/{room}"); };
    if (named_first) name();
    jwt_bearer(options).add_to(host);
    if (!named_first) name();
    EXPECT_EQ(status_with_query_token(host, "/live/7"), 200);
    EXPECT_EQ(status_with_query_token(host, "/other"), 401);
  }
}

}  // namespace
}  // namespace saker::http
