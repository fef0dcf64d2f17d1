#include <saker/authentication/jwt_bearer.hpp>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>

#include "authentication/jwt_verifier.hpp"

namespace saker {
namespace {

/// Whether that is a public key of the kind that the algorithm uses.
bool is_public_key(const std::string& pem, int kind) {
  const std::unique_ptr<BIO, void (*)(BIO*)> text(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), [](BIO* bio) { BIO_free(bio); });
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      PEM_read_bio_PUBKEY(text.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  return key && EVP_PKEY_get_base_id(key.get()) == kind;
}

void require_key(const jwt_key& key) {
  constexpr std::size_t shortest_secret = 32;
  switch (key.algorithm) {
    case jwt_algorithm::hs256:
      if (key.key.size() >= shortest_secret) return;
      throw std::invalid_argument("jwt_key::key: a secret for HS256 has 32 bytes or more.");
    case jwt_algorithm::rs256:
      if (is_public_key(key.key, EVP_PKEY_RSA)) return;
      throw std::invalid_argument("jwt_key::key: RS256 takes a public RSA key as PEM.");
    case jwt_algorithm::es256:
      if (is_public_key(key.key, EVP_PKEY_EC)) return;
      throw std::invalid_argument("jwt_key::key: ES256 takes a public EC key as PEM.");
  }
}

std::string bearer_token(const http_context& context, bool also_in_query) {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = context.request().headers().get("Authorization");
  if (field.size() > scheme.size() &&
      equals_ignoring_case(field.substr(0, scheme.size()), scheme)) {
    return std::string(field.substr(scheme.size()));
  }
  if (also_in_query) {
    for (const auto& [name, value] : context.request().query()) {
      if (equals_ignoring_case(name, "access_token")) return value;
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
  for (const auto& each : keys) require_key(each);
  if (clock_skew.count() < 0) {
    throw std::invalid_argument("jwt_bearer_options::clock_skew must be 0 or more.");
  }
}

middleware jwt_bearer_middleware(jwt_bearer_options options,
                                 std::function<bool(const http_context&)> accepts_token_in_query) {
  const auto verifier = std::make_shared<const authentication::jwt_verifier>(std::move(options));
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

}  // namespace saker
