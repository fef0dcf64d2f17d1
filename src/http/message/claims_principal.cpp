#include <saker/http/message/claims_principal.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace saker {
namespace {

bool contains(const std::vector<std::string>& values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

claims_principal::claims_principal(std::vector<claim> claims, std::string authentication_type)
    : claims_(std::move(claims)), authentication_type_(std::move(authentication_type)) {
  if (authentication_type_.empty()) {
    throw std::invalid_argument("The authentication type of a claims_principal must not be empty.");
  }
}

std::optional<std::string_view> claims_principal::find_first(std::string_view type) const noexcept {
  const auto found = std::find_if(claims_.begin(), claims_.end(),
                                  [&](const claim& each) { return each.type == type; });
  if (found == claims_.end()) return std::nullopt;
  return found->value;
}

bool claims_principal::has_claim(std::string_view type, std::string_view value) const noexcept {
  return std::any_of(claims_.begin(), claims_.end(),
                     [&](const claim& each) { return each.type == type && each.value == value; });
}

std::string_view claims_principal::name() const noexcept {
  return find_first(claim_types::name).value_or(std::string_view());
}

std::string_view claims_principal::name_identifier() const noexcept {
  if (const auto subject = find_first(claim_types::name_identifier)) return *subject;
  return find_first(claim_types::dotnet_name_identifier).value_or(std::string_view());
}

bool claims_principal::is_in_role(std::string_view role) const noexcept {
  return has_claim(claim_types::role, role) || has_claim("roles", role);
}

authorization_policy require_authenticated_user() {
  return [](const claims_principal& user) { return user.is_authenticated(); };
}

authorization_policy require_role(std::vector<std::string> roles) {
  return [roles = std::move(roles)](const claims_principal& user) {
    return std::any_of(roles.begin(), roles.end(),
                       [&](const std::string& role) { return user.is_in_role(role); });
  };
}

authorization_policy require_claim(std::string type, std::vector<std::string> values) {
  return [type = std::move(type), values = std::move(values)](const claims_principal& user) {
    return std::any_of(user.claims().begin(), user.claims().end(), [&](const claim& each) {
      return each.type == type && (values.empty() || contains(values, each.value));
    });
  };
}

}  // namespace saker
