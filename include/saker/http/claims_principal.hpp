#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

/// Something that an authentication has found to be true of a user: a type and a value.
struct claim {
  std::string type;
  std::string value;
};

/// The names that claims of tokens have (RFC 7519, OpenID Connect); an authentication of your own
/// may use them, or any others.
namespace claim_types {
inline constexpr std::string_view name_identifier = "sub";
/// What .NET calls it where it maps the claims of tokens.
inline constexpr std::string_view dotnet_name_identifier =
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";
inline constexpr std::string_view name = "name";
inline constexpr std::string_view role = "role";
}  // namespace claim_types

/// Who a request comes from, as an authentication middleware has found: `http_context::user()`.
///
/// Owner: whoever holds it; a value. Thread rule: that of a value.
class claims_principal {
 public:
  /// Nobody: not authenticated, no claims.
  claims_principal() = default;
  /// Somebody, who was authenticated in the named way ("Bearer", "Cookies", ...).
  explicit claims_principal(std::vector<claim> claims, std::string authentication_type = "Custom");

  bool is_authenticated() const noexcept { return !authentication_type_.empty(); }
  const std::string& authentication_type() const noexcept { return authentication_type_; }

  const std::vector<claim>& claims() const noexcept { return claims_; }
  /// The first claim of that type.
  std::optional<std::string_view> find_first(std::string_view type) const noexcept;
  bool has_claim(std::string_view type, std::string_view value) const noexcept;

  /// Empty when there is no such claim.
  std::string_view name() const noexcept;
  /// The claim `sub`, else the one of .NET's name.
  std::string_view name_identifier() const noexcept;
  /// A claim of the type "role", or of "roles", with that value.
  bool is_in_role(std::string_view role) const noexcept;

  /// When what proves the user ends being valid, for example the `exp` of a token.
  std::optional<std::chrono::system_clock::time_point> expires() const noexcept { return expires_; }
  void set_expires(std::chrono::system_clock::time_point time) noexcept { expires_ = time; }

 private:
  std::vector<claim> claims_;
  std::string authentication_type_;
  std::optional<std::chrono::system_clock::time_point> expires_;
};

/// What somebody must be to be let in: a predicate, which may be any of your own.
using authorization_policy = std::function<bool(const claims_principal&)>;

/// Whoever is authenticated.
authorization_policy require_authenticated_user();
/// Whoever has one of these roles.
authorization_policy require_role(std::vector<std::string> roles);
/// Whoever has a claim of that type with one of these values; without values, with any.
authorization_policy require_claim(std::string type, std::vector<std::string> values = {});

}  // namespace saker
