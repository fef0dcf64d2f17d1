#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <saker/authentication/jwt_bearer.hpp>
#include <saker/http/claims_principal.hpp>

namespace saker {

/// How tokens are made. Values that make no sense throw `std::invalid_argument` when the issuer is
/// made, naming the option.
struct jwt_issuer_options {
  /// HS256: the shared secret, 32 bytes or more; RS256 and ES256: the private key as PEM. Its `id`
  /// becomes the `kid` of the tokens.
  jwt_key key = {};
  std::string issuer = {};    ///< The `iss`; empty: none.
  std::string audience = {};  ///< The `aud`; empty: none.
  /// From `iat` and `nbf`, the time of making, to `exp`. 1 s or more.
  std::chrono::seconds lifetime{3600};

  void validate() const;
};

/// Makes signed tokens (JWTs, RFC 7519) for `jwt_bearer_middleware` and whoever has the key.
///
///     const saker::jwt_issuer issuer({.key = {saker::jwt_algorithm::hs256, secret}});
///     const std::string token = issuer.issue("anna", {{"role", "editor"}});
///
/// Owner: whoever makes it. Thread rule: any thread. Errors: a claim that is no UTF-8
/// throws `std::invalid_argument`, what cannot be signed `std::runtime_error`.
class jwt_issuer {
 public:
  explicit jwt_issuer(jwt_issuer_options options);

  /// A token for that subject (`sub`; empty: none) with these claims. Several of one type become a
  /// list; those that the options or the time say are not replaced.
  std::string issue(std::string_view subject, const std::vector<claim>& claims = {}) const;

 private:
  jwt_issuer_options options_;
};

}  // namespace saker
