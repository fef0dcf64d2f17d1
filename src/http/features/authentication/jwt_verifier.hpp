#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <saker/http/features/jwt_bearer.hpp>
#include <saker/http/message/claims_principal.hpp>

namespace saker::http {

/// What has become of a token: a user, or what is wrong with it.
struct verified_token {
  std::optional<claims_principal> user;
  std::string error;
};

/// Verifies tokens. Immutable; any thread.
class jwt_verifier {
 public:
  explicit jwt_verifier(jwt_bearer_options options);

  verified_token verify(const std::string& token, std::chrono::system_clock::time_point now) const;

 private:
  jwt_bearer_options options_;
};

}  // namespace saker::http
