#include <saker/http/features/jwt_issuer.hpp>

#include <jwt.h>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <utility>

#include "http/features/authentication/pem_keys.hpp"

namespace saker {
namespace {

jwt_alg_t to_library(jwt_algorithm algorithm) {
  switch (algorithm) {
    case jwt_algorithm::hs256: return JWT_ALG_HS256;
    case jwt_algorithm::rs256: return JWT_ALG_RS256;
    case jwt_algorithm::es256: return JWT_ALG_ES256;
  }
  return JWT_ALG_INVAL;
}

void require(bool holds) {
  if (!holds) throw std::runtime_error("The token could not be made.");
}

void add(nlohmann::json& to, const claim& one) {
  const auto found = to.find(one.type);
  if (found == to.end()) {
    to[one.type] = one.value;
    return;
  }
  if (!found->is_array()) *found = nlohmann::json::array({*found});
  found->push_back(one.value);
}

std::string text_of(const nlohmann::json& object) {
  try {
    return object.dump();
  } catch (const nlohmann::json::exception&) {
    throw std::invalid_argument("A claim of the token is no UTF-8.");
  }
}

}  // namespace

void jwt_issuer_options::validate() const {
  http::require_signing_key(key);
  if (lifetime < std::chrono::seconds(1)) {
    throw std::invalid_argument("jwt_issuer_options::lifetime must be 1 s or more.");
  }
}

jwt_issuer::jwt_issuer(jwt_issuer_options options) : options_(std::move(options)) {
  options_.validate();
}

std::string jwt_issuer::issue(std::string_view subject, const std::vector<claim>& claims) const {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& each : claims) add(object, each);
  if (!subject.empty()) object["sub"] = subject;
  if (!options_.issuer.empty()) object["iss"] = options_.issuer;
  if (!options_.audience.empty()) object["aud"] = options_.audience;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  object["iat"] = object["nbf"] = now.time_since_epoch().count();
  object["exp"] = (now + options_.lifetime).time_since_epoch().count();

  jwt_t* made = nullptr;
  require(jwt_new(&made) == 0);
  const std::unique_ptr<jwt_t, void (*)(jwt_t*)> token(made, &jwt_free);
  require(jwt_add_grants_json(made, text_of(object).c_str()) == 0);
  if (!options_.key.id.empty()) {
    require(jwt_add_header(made, "kid", options_.key.id.c_str()) == 0);
  }
  const auto& key = options_.key.key;
  require(jwt_set_alg(made, to_library(options_.key.algorithm),
                      reinterpret_cast<const unsigned char*>(key.data()),
                      static_cast<int>(key.size())) == 0);
  const std::unique_ptr<char, void (*)(void*)> text(jwt_encode_str(made), &std::free);
  require(text != nullptr);
  return text.get();
}

}  // namespace saker
