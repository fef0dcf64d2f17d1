#pragma once

#ifndef SAKER_AUTHENTICATION
#error "Link saker::authentication: target_link_libraries(app PRIVATE saker::authentication)"
#endif

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <saker/http/pipeline/feature_host.hpp>
#include <saker/http/pipeline/middleware.hpp>

namespace saker {

/// The accepted signature algorithms of tokens (RFC 7518, section 3.1).
enum class jwt_algorithm { hs256, rs256, es256 };

/// A key that verifies tokens. A key is used only with its own algorithm, whatever a token names.
struct jwt_key {
  jwt_algorithm algorithm = jwt_algorithm::hs256;
  /// HS256: the shared secret, 32 bytes or more; RS256 and ES256: the public key as PEM.
  std::string key;
  /// The `kid` of the tokens that it verifies; empty: any.
  std::string id = {};
};

/// Options for verifying bearer tokens (RFC 6750) that are JWTs (RFC 7519). An invalid value throws
/// `std::invalid_argument` when the middleware is created, naming the option.
struct jwt_bearer_options {
  /// At least one.
  std::vector<jwt_key> keys = {};
  /// The `iss` of a token must be one of these; empty: any, or none.
  std::vector<std::string> valid_issuers = {};
  /// One of the `aud` of a token must be one of these; empty: any, or none.
  std::vector<std::string> valid_audiences = {};
  /// The tolerated clock difference for `exp` and `nbf`. 0 or more.
  std::chrono::seconds clock_skew{300};
  /// Refuses tokens without `exp`.
  bool require_expiration_time = true;

  void validate() const;
};

/// Returns middleware that authenticates requests by bearer tokens: the claims of a valid token in
/// `Authorization: Bearer` become `http_context::user()`. Where the predicate returns true, the
/// token may also be in the query value `access_token` (browsers cannot add header fields to a
/// WebSocket or an EventSource). A claim that is a list becomes one claim for each entry. A request
/// without a valid token continues unauthenticated; if it is then answered 401, the response names
/// the reason (`WWW-Authenticate`).
///
/// Web servers and proxies often log queries: use TLS and short-lived tokens.
middleware jwt_bearer_middleware(
    jwt_bearer_options options,
    std::function<bool(const http_context&)> accepts_token_in_query = {});

/// Authenticates requests by bearer tokens that are JWTs: adds `jwt_bearer_middleware`, which takes
/// tokens from the query of query_token_routes, such as those of hubs.
///
/// Owner: the caller, until `add`. Thread rule: that of feature_host. Errors: an option out of
/// range throws `std::invalid_argument` when it is added.
///
/// Example:
/// ```cpp
/// const std::string secret(32, 's');
/// app.add(jwt_bearer({.keys = {{jwt_algorithm::hs256, secret}}}));
/// ```
class jwt_bearer {
 public:
  explicit jwt_bearer(jwt_bearer_options options) : options_(std::move(options)) {}

  void add_to(feature_host& host) &&;

 private:
  jwt_bearer_options options_;
};

}  // namespace saker
