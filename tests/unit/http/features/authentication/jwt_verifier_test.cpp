#include "http/features/authentication/jwt_verifier.hpp"

#include <gtest/gtest.h>

#include <jwt.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "unit/http/features/authentication/key_pair.hpp"

namespace saker::http {
namespace {

using namespace std::chrono_literals;

const std::string secret = "a secret of thirty-two bytes and more";

std::string signed_token(jwt_alg_t algorithm, const std::string& key, const std::string& claims,
                         const char* id = nullptr) {
  jwt_t* raw = nullptr;
  EXPECT_EQ(jwt_new(&raw), 0);
  const std::unique_ptr<jwt_t, void (*)(jwt_t*)> token(raw, &jwt_free);
  EXPECT_EQ(jwt_add_grants_json(raw, claims.c_str()), 0);
  if (id) jwt_add_header(raw, "kid", id);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(key.data());
  EXPECT_EQ(jwt_set_alg(raw, algorithm, algorithm == JWT_ALG_NONE ? nullptr : bytes,
                        algorithm == JWT_ALG_NONE ? 0 : static_cast<int>(key.size())),
            0);
  const std::unique_ptr<char, void (*)(void*)> text(jwt_encode_str(raw), &std::free);
  return text ? text.get() : "";
}

class jwt_verifier_test : public ::testing::Test {
 protected:
  static inline const auto now = std::chrono::system_clock::time_point(1'000'000s);

  static jwt_bearer_options options() {
    jwt_bearer_options made;
    made.keys = {{jwt_algorithm::hs256, secret}};
    made.clock_skew = 0s;
    return made;
  }
  static std::string hs256(const std::string& claims) {
    return signed_token(JWT_ALG_HS256, secret, claims);
  }
  static verified_token verify(const std::string& token, jwt_bearer_options with = options()) {
    return jwt_verifier(std::move(with)).verify(token, now);
  }
  static void expect_refused(const std::string& token, const std::string& why,
                             jwt_bearer_options with = options()) {
    const auto result = verify(token, std::move(with));
    EXPECT_FALSE(result.user) << token;
    EXPECT_EQ(result.error, why);
  }
};

TEST_F(jwt_verifier_test, gives_the_claims) {
  const auto result = verify(
      hs256(R"({"sub":"anna","name":"Anna","exp":1000001,"role":["reader","editor"],"level":7,)"
            R"("address":{"city":"Ulm"}})"));
  ASSERT_TRUE(result.user) << result.error;
  const auto& user = *result.user;
  EXPECT_TRUE(user.is_authenticated());
  EXPECT_EQ(user.name_identifier(), "anna");
  EXPECT_EQ(user.name(), "Anna");
  EXPECT_TRUE(user.is_in_role("reader"));
  EXPECT_TRUE(user.is_in_role("editor"));
  EXPECT_FALSE(user.is_in_role("owner"));
  EXPECT_EQ(user.find_first("level"), "7");
  EXPECT_EQ(user.find_first("address"), R"({"city":"Ulm"})");
  EXPECT_EQ(user.expires(), std::chrono::system_clock::time_point(1'000'001s));
}

TEST_F(jwt_verifier_test, takes_rs256_and_es256) {
  const auto rsa = to_pem(EVP_RSA_gen(2048));
  const auto ec = to_pem(EVP_EC_gen("P-256"));
  auto with = options();
  with.keys = {{jwt_algorithm::rs256, rsa.public_pem}, {jwt_algorithm::es256, ec.public_pem}};
  const std::string claims = R"({"sub":"anna","exp":1000001})";
  EXPECT_TRUE(verify(signed_token(JWT_ALG_RS256, rsa.private_pem, claims), with).user);
  EXPECT_TRUE(verify(signed_token(JWT_ALG_ES256, ec.private_pem, claims), with).user);
  const auto other = to_pem(EVP_RSA_gen(2048));
  expect_refused(signed_token(JWT_ALG_RS256, other.private_pem, claims), "The signature is invalid",
                 with);
  // The public key, which everybody may know, must not do as the secret of another algorithm.
  expect_refused(signed_token(JWT_ALG_HS256, rsa.public_pem, claims), "The signature is invalid",
                 with);
}

TEST_F(jwt_verifier_test, refuses_what_is_not_signed_so) {
  const std::string claims = R"({"sub":"anna","exp":1000001})";
  expect_refused(signed_token(JWT_ALG_HS256, "another secret of thirty-two bytes!", claims),
                 "The signature is invalid");
  expect_refused(signed_token(JWT_ALG_NONE, {}, claims), "The signature is invalid");
  expect_refused(signed_token(JWT_ALG_HS512, secret, claims), "The signature is invalid");
  auto token = hs256(claims);
  token[token.find('.') + 3] ^= 1;
  EXPECT_FALSE(verify(token).user);
  for (const auto* each : {"", "x", "..", "a.b.c", "e30.e30.e30"}) {
    EXPECT_FALSE(verify(each).user) << each;
  }
}

TEST_F(jwt_verifier_test, checks_the_times) {
  expect_refused(hs256(R"({"sub":"anna","exp":1000000})"), "The token is expired");
  expect_refused(hs256(R"({"sub":"anna"})"), "The token has no expiration");
  expect_refused(hs256(R"({"sub":"anna","exp":"soon"})"), "The token has no expiration");
  expect_refused(hs256(R"({"exp":1000009,"nbf":1000001})"), "The token is not valid yet");
  EXPECT_TRUE(verify(hs256(R"({"exp":1000009,"nbf":1000000})")).user);
  auto lenient = options();
  lenient.require_expiration_time = false;
  EXPECT_TRUE(verify(hs256(R"({"sub":"anna"})"), lenient).user);
  expect_refused(hs256(R"({"exp":"soon"})"), "The token has no expiration", lenient);
  lenient.clock_skew = 10s;
  const auto late = verify(hs256(R"({"exp":999991})"), lenient);
  ASSERT_TRUE(late.user);
  // Whoever ends connections when they expire must not end at once what was just let in.
  EXPECT_EQ(late.user->expires(), std::chrono::system_clock::time_point(1'000'001s));
  EXPECT_TRUE(verify(hs256(R"({"exp":1e300})"), lenient).user);
}

TEST_F(jwt_verifier_test, checks_issuer_and_audience) {
  auto with = options();
  with.valid_issuers = {"a", "b"};
  with.valid_audiences = {"x"};
  EXPECT_TRUE(verify(hs256(R"({"exp":1000001,"iss":"b","aud":["y","x"]})"), with).user);
  expect_refused(hs256(R"({"exp":1000001,"iss":"c","aud":"x"})"), "The issuer is invalid", with);
  expect_refused(hs256(R"({"exp":1000001,"aud":"x"})"), "The issuer is invalid", with);
  expect_refused(hs256(R"({"exp":1000001,"iss":"a","aud":"z"})"), "The audience is invalid", with);
}

TEST_F(jwt_verifier_test, takes_the_key_that_the_token_names) {
  auto with = options();
  with.keys = {{jwt_algorithm::hs256, secret, "one"}};
  const std::string claims = R"({"exp":1000001})";
  EXPECT_TRUE(verify(signed_token(JWT_ALG_HS256, secret, claims, "one"), with).user);
  expect_refused(signed_token(JWT_ALG_HS256, secret, claims, "two"), "The signature is invalid",
                 with);
  expect_refused(hs256(claims), "The signature is invalid", with);
}

TEST_F(jwt_verifier_test, options_that_make_no_sense_are_refused) {
  EXPECT_THROW(jwt_bearer_options().validate(), std::invalid_argument);
  auto with = options();
  with.keys[0].key = "short";
  EXPECT_THROW(with.validate(), std::invalid_argument);
  with.keys = {{jwt_algorithm::rs256, to_pem(EVP_EC_gen("P-256")).public_pem}};
  EXPECT_THROW(with.validate(), std::invalid_argument);
  with.keys = {{jwt_algorithm::es256, "no key"}};
  EXPECT_THROW(with.validate(), std::invalid_argument);
}

}  // namespace
}  // namespace saker::http
