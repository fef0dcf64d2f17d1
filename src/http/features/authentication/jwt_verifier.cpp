#include "http/features/authentication/jwt_verifier.hpp"

#include <jwt.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::http {
namespace {

using nlohmann::json;
using parsed_token = std::unique_ptr<jwt_t, void (*)(jwt_t*)>;

std::string_view name_of(jwt_algorithm algorithm) {
  switch (algorithm) {
    case jwt_algorithm::hs256: return "HS256";
    case jwt_algorithm::rs256: return "RS256";
    case jwt_algorithm::es256: return "ES256";
  }
  return {};
}

/// Without a key nothing is verified: only to read which key is wanted.
parsed_token decode(const std::string& token, const std::string* key) {
  jwt_t* made = nullptr;
  const auto* const bytes = key ? reinterpret_cast<const unsigned char*>(key->data()) : nullptr;
  const int failed =
      jwt_decode(&made, token.c_str(), bytes, key ? static_cast<int>(key->size()) : 0);
  return {failed == 0 ? made : nullptr, &jwt_free};
}

json claims_of(jwt_t& token) {
  const std::unique_ptr<char, void (*)(void*)> text(jwt_get_grants_json(&token, nullptr),
                                                    &std::free);
  return text ? json::parse(text.get(), nullptr, false) : json();
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<claim> flattened(const json& object) {
  std::vector<claim> claims;
  for (const auto& [type, value] : object.items()) {
    if (value.is_array()) {
      for (const auto& each : value) claims.push_back({type, text_of(each)});
    } else {
      claims.push_back({type, text_of(value)});
    }
  }
  return claims;
}

/// A NumericDate (RFC 7519, section 2), which may have a fraction.
std::optional<std::chrono::system_clock::time_point> time_of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  // Later than in the year 2255, which the clock can just show, is as good as never.
  constexpr double latest = 9'000'000'000;
  const auto seconds = std::clamp(found->get<double>(), 0.0, latest);
  return std::chrono::system_clock::time_point(
      std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

bool has_one_of(const std::vector<claim>& claims, const char* type,
                const std::vector<std::string>& allowed) {
  if (allowed.empty()) return true;
  return std::any_of(claims.begin(), claims.end(), [&](const claim& each) {
    return each.type == type &&
           std::find(allowed.begin(), allowed.end(), each.value) != allowed.end();
  });
}

}  // namespace

jwt_verifier::jwt_verifier(jwt_bearer_options options) : options_(std::move(options)) {
  options_.validate();
}

verified_token jwt_verifier::verify(const std::string& token,
                                    std::chrono::system_clock::time_point now) const {
  const auto unverified = decode(token, nullptr);
  if (!unverified) return {std::nullopt, "The token is malformed"};
  const char* const algorithm = jwt_get_header(unverified.get(), "alg");
  const char* const id = jwt_get_header(unverified.get(), "kid");
  parsed_token signed_token(nullptr, &jwt_free);
  for (const auto& key : options_.keys) {
    // A public key must never become the secret of another algorithm.
    if (!algorithm || name_of(key.algorithm) != algorithm) continue;
    if (!key.id.empty() && (!id || key.id != id)) continue;
    signed_token = decode(token, &key.key);
    if (signed_token) break;
  }
  if (!signed_token) return {std::nullopt, "The signature is invalid"};
  const auto object = claims_of(*signed_token);
  if (!object.is_object()) return {std::nullopt, "The token is malformed"};
  auto claims = flattened(object);
  if (!has_one_of(claims, "iss", options_.valid_issuers)) {
    return {std::nullopt, "The issuer is invalid"};
  }
  if (!has_one_of(claims, "aud", options_.valid_audiences)) {
    return {std::nullopt, "The audience is invalid"};
  }
  const auto expires = time_of(object, "exp");
  if (!expires && (options_.require_expiration_time || object.contains("exp"))) {
    return {std::nullopt, "The token has no expiration"};
  }
  if (expires && *expires + options_.clock_skew <= now) {
    return {std::nullopt, "The token is expired"};
  }
  const auto not_before = time_of(object, "nbf");
  if (not_before && *not_before - options_.clock_skew > now) {
    return {std::nullopt, "The token is not valid yet"};
  }
  claims_principal user(std::move(claims), "Bearer");
  // As long as it is accepted.
  if (expires) user.set_expires(*expires + options_.clock_skew);
  return {std::move(user), {}};
}

}  // namespace saker::http
