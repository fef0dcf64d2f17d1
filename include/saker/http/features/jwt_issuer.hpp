#pragma once

#ifndef SAKER_AUTHENTICATION
#error "Link saker::authentication: target_link_libraries(app PRIVATE saker::authentication)"
#endif

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <saker/http/features/jwt_bearer.hpp>
#include <saker/http/message/claims_principal.hpp>

namespace saker {

/// Says how tokens are issued. An invalid value throws `std::invalid_argument` when the issuer is
/// created, naming the option.
///
/// Example:
/// ```cpp
/// const jwt_issuer_options options{
///     .key = {jwt_algorithm::hs256, "a secret of thirty-two bytes or more"},
///     .issuer = "https://login.example",
///     .lifetime = 15min,
/// };
/// ```
struct jwt_issuer_options {
  /// HS256: the shared secret, 32 bytes or more; RS256 and ES256: the private key as PEM. Its `id`
  /// becomes the `kid` of the tokens.
  jwt_key key = {};
  std::string issuer = {};    ///< The `iss`; empty: none.
  std::string audience = {};  ///< The `aud`; empty: none.
  /// The time from `iat` and `nbf`, when the token is issued, to `exp`. 1 s or more.
  std::chrono::seconds lifetime{3600};

  void validate() const;
};

/// Issues signed tokens (JWTs, RFC 7519) for jwt_bearer and other holders of the key.
///
/// Owner: its creator. Thread rule: any thread. Errors: a claim that is not UTF-8 throws
/// `std::invalid_argument`, a token that cannot be signed `std::runtime_error`.
///
/// Example:
/// ```cpp
/// const jwt_issuer issuer(
///     {.key = {jwt_algorithm::hs256, "a secret of thirty-two bytes or more"}});
/// const std::vector<claim> claims{{"role", "editor"}};
/// const std::string token = issuer.issue("anna", claims);
/// ```
class jwt_issuer {
 public:
  explicit jwt_issuer(jwt_issuer_options options);

  /// Returns a token for that subject (`sub`; empty: none) with these claims. Several claims of one
  /// type become a list; claims cannot replace those set by the options or the time.
  std::string issue(std::string_view subject, const std::vector<claim>& claims = {}) const;

 private:
  jwt_issuer_options options_;
};

}  // namespace saker
