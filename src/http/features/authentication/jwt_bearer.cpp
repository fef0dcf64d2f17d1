#include <saker/http/features/jwt_bearer.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>

#include <saker/http/message/url.hpp>
#include <saker/http/pipeline/query_token_routes.hpp>

#include "http/features/authentication/jwt_verifier.hpp"
#include "http/features/authentication/pem_keys.hpp"

namespace saker {
namespace {

std::string bearer_token(const http_context& context, bool also_in_query) {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = context.request().headers().get("Authorization");
  if (field.size() > scheme.size() &&
      equals_ignoring_case(field.substr(0, scheme.size()), scheme)) {
    return std::string(field.substr(scheme.size()));
  }
  if (also_in_query) {
    // The request would keep what it has parsed for as long as its WebSocket.
    for (auto& [name, value] : parse_query(context.request().query_string())) {
      if (equals_ignoring_case(name, "access_token")) return std::move(value);
    }
  }
  return {};
}

/// Tells a client that is answered 401 what would help.
void challenge(http_response& response, const std::string& error) {
  response.on_starting([error](http_response& starting) {
    if (starting.status() != 401) return;
    starting.headers().add(
        "WWW-Authenticate",
        error.empty() ? "Bearer"
                      : "Bearer error=\"invalid_token\", error_description=\"" + error + "\"");
  });
}

}  // namespace

void jwt_bearer_options::validate() const {
  if (keys.empty()) throw std::invalid_argument("jwt_bearer_options::keys must not be empty.");
  for (const auto& each : keys) http::require_verifying_key(each);
  if (clock_skew.count() < 0) {
    throw std::invalid_argument("jwt_bearer_options::clock_skew must be 0 or more.");
  }
}

middleware jwt_bearer_middleware(jwt_bearer_options options,
                                 std::function<bool(const http_context&)> accepts_token_in_query) {
  const auto verifier = std::make_shared<const http::jwt_verifier>(std::move(options));
  return
      [verifier, in_query = std::move(accepts_token_in_query)](http_context& context, next next) {
        const auto token = bearer_token(context, in_query && in_query(context));
        std::string error;
        if (!token.empty()) {
          auto verified = verifier->verify(token, std::chrono::system_clock::now());
          if (verified.user) context.set_user(std::move(*verified.user));
          error = std::move(verified.error);
        }
        // Also to a user who is known: what comes later may refuse with 401 all the same.
        challenge(context.response(), error);
        return next();
      };
}

void jwt_bearer::add_to(feature_host& host) && {
  const auto& in_query = host.services().get_or_add<query_token_routes>();
  host.pipeline().use(jwt_bearer_middleware(
      std::move(options_),
      [&in_query](const http_context& context) { return in_query.contains(context); }));
}

}  // namespace saker
