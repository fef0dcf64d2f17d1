#include <saker/http/features/jwt_issuer.hpp>

#include <gtest/gtest.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <string>

#include "http/features/authentication/jwt_verifier.hpp"
#include "unit/http/features/authentication/key_pair.hpp"

namespace saker::http {
namespace {

using namespace std::chrono_literals;

const std::string secret = "a secret of thirty-two bytes and more";

verified_token verify(const std::string& token, const jwt_key& key) {
  jwt_bearer_options options;
  options.keys = {key};
  options.valid_issuers = {"https://login.example"};
  options.valid_audiences = {"news"};
  options.clock_skew = 0s;
  return jwt_verifier(options).verify(token, std::chrono::system_clock::now());
}

jwt_issuer_options options_with(jwt_key key) {
  return {.key = std::move(key), .issuer = "https://login.example", .audience = "news"};
}

TEST(jwt_issuer, makes_what_the_verifier_takes) {
  const auto rsa = to_pem(EVP_RSA_gen(2048));
  const auto ec = to_pem(EVP_EC_gen("P-256"));
  struct keys {
    jwt_key signing;
    jwt_key verifying;
  };
  for (const auto& [signing, verifying] :
       {keys{{jwt_algorithm::hs256, secret, "1"}, {jwt_algorithm::hs256, secret, "1"}},
        keys{{jwt_algorithm::rs256, rsa.private_pem}, {jwt_algorithm::rs256, rsa.public_pem}},
        keys{{jwt_algorithm::es256, ec.private_pem}, {jwt_algorithm::es256, ec.public_pem}}}) {
    const jwt_issuer issuer(options_with(signing));
    const auto token = issuer.issue(
        "anna", {{"role", "reader"}, {"role", "editor"}, {"name", "Anna \"A\" \u00e4"}});
    const auto result = verify(token, verifying);
    ASSERT_TRUE(result.user) << result.error;
    EXPECT_EQ(result.user->name_identifier(), "anna");
    EXPECT_EQ(result.user->name(), "Anna \"A\" \u00e4");
    EXPECT_TRUE(result.user->is_in_role("reader"));
    EXPECT_TRUE(result.user->is_in_role("editor"));
    EXPECT_NEAR(
        static_cast<double>((*result.user->expires() - std::chrono::system_clock::now()) / 1s),
        3600, 60);
  }
}

TEST(jwt_issuer, lets_no_claim_replace_what_the_options_say) {
  const jwt_issuer issuer(options_with({jwt_algorithm::hs256, secret}));
  const auto token =
      issuer.issue("anna", {{"sub", "bert"}, {"iss", "x"}, {"aud", "x"}, {"exp", "1"}});
  const auto result = verify(token, {jwt_algorithm::hs256, secret});
  ASSERT_TRUE(result.user) << result.error;
  EXPECT_EQ(result.user->name_identifier(), "anna");
}

TEST(jwt_issuer, refuses_claims_that_are_no_text) {
  const jwt_issuer issuer(options_with({jwt_algorithm::hs256, secret}));
  EXPECT_THROW(issuer.issue("anna", {{"name", "\xff"}}), std::invalid_argument);
}

TEST(jwt_issuer, refuses_options_that_make_no_sense) {
  const auto ec = to_pem(EVP_EC_gen("P-256"));
  const auto refuses = [](jwt_issuer_options options) {
    EXPECT_THROW(jwt_issuer{options}, std::invalid_argument);
  };
  refuses({});
  refuses(options_with({jwt_algorithm::hs256, "short"}));
  refuses(options_with({jwt_algorithm::es256, ec.public_pem}));
  refuses(options_with({jwt_algorithm::rs256, ec.private_pem}));
  auto brief = options_with({jwt_algorithm::hs256, secret});
  brief.lifetime = 0s;
  refuses(brief);
}

}  // namespace
}  // namespace saker::http
