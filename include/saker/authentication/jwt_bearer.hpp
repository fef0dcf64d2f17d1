#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <saker/http/middleware.hpp>

namespace saker {

/// The signatures of tokens (RFC 7518, section 3.1) that are taken.
enum class jwt_algorithm { hs256, rs256, es256 };

/// A key that tokens are verified with. A key is good for its own algorithm only, whatever a token
/// says of itself.
struct jwt_key {
  jwt_algorithm algorithm = jwt_algorithm::hs256;
  /// HS256: the shared secret, 32 bytes or more; RS256 and ES256: the public key as PEM.
  std::string key;
  /// The `kid` of the tokens that it is for; empty: any.
  std::string id = {};
};

/// How bearer tokens (RFC 6750) that are JWTs (RFC 7519) are verified. Values that make no sense
/// throw `std::invalid_argument` when the middleware is made, naming the option.
struct jwt_bearer_options {
  /// At least one.
  std::vector<jwt_key> keys = {};
  /// The `iss` of a token must be one of these; empty: any, or none.
  std::vector<std::string> valid_issuers = {};
  /// One of the `aud` of a token must be one of these; empty: any, or none.
  std::vector<std::string> valid_audiences = {};
  /// How far clocks may differ, for `exp` and `nbf`. 0 or more.
  std::chrono::seconds clock_skew{300};
  /// Refuses tokens without `exp`.
  bool require_expiration_time = true;

  void validate() const;
};

/// Finds out who a request comes from: a valid token in `Authorization: Bearer`, or, where the
/// predicate says so, in the query value `access_token` (browsers cannot give a WebSocket or an
/// EventSource header fields), makes its claims `http_context::user()`. A claim that is a list
/// becomes one claim for each entry. A request without a valid token goes on as nobody's; if it is
/// then answered 401, the answer says why (`WWW-Authenticate`).
///
/// `web_application::use_jwt_bearer` takes tokens from the query of hub routes. Web servers and
/// proxies like to log queries: use it over TLS, and with tokens that live for a short time.
middleware jwt_bearer_middleware(
    jwt_bearer_options options,
    std::function<bool(const http_context&)> accepts_token_in_query = {});

}  // namespace saker
