#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

/// States something about a user: a type and a value, as an authentication found them.
///
/// Example:
/// ```cpp
/// const claim role{std::string(claim_types::role), "editor"};
/// ```
struct claim {
  std::string type;
  std::string value;
};

/// The names of claims in tokens (RFC 7519, OpenID Connect); your own authentication may use these
/// or any others.
namespace claim_types {
inline constexpr std::string_view name_identifier = "sub";
/// The name that .NET uses where it maps the claims of tokens.
inline constexpr std::string_view dotnet_name_identifier =
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";
inline constexpr std::string_view name = "name";
inline constexpr std::string_view role = "role";
}  // namespace claim_types

/// Holds the user that a request comes from, as found by an authentication middleware:
/// `http_context::user()`.
///
/// Owner: the holder; a value. Thread rule: that of a value.
///
/// Example:
/// ```cpp
/// app.use([](http_context& each, next rest) -> task<void> {
///   if (each.request().cookie("session") == "42") {
///     std::vector<claim> claims{{"sub", "anna"}, {"role", "editor"}};
///     each.set_user(claims_principal(std::move(claims), "Cookies"));
///   }
///   co_await rest();
/// });
/// ```
class claims_principal {
 public:
  /// Creates an anonymous user: not authenticated, no claims.
  claims_principal() = default;
  /// Creates an authenticated user; the type names how ("Bearer", "Cookies", ...).
  explicit claims_principal(std::vector<claim> claims, std::string authentication_type = "Custom");

  bool is_authenticated() const noexcept { return !authentication_type_.empty(); }
  const std::string& authentication_type() const noexcept { return authentication_type_; }

  const std::vector<claim>& claims() const noexcept { return claims_; }
  /// Returns the value of the first claim of that type.
  std::optional<std::string_view> find_first(std::string_view type) const noexcept;
  bool has_claim(std::string_view type, std::string_view value) const noexcept;

  /// Returns the claim `name`; empty if there is none.
  std::string_view name() const noexcept;
  /// Returns the claim `sub`, or else the claim with .NET's name.
  std::string_view name_identifier() const noexcept;
  /// Returns true if a claim of the type "role" or "roles" has that value.
  bool is_in_role(std::string_view role) const noexcept;

  /// Returns when the user's credentials expire, for example the `exp` of a token.
  std::optional<std::chrono::system_clock::time_point> expires() const noexcept { return expires_; }
  void set_expires(std::chrono::system_clock::time_point time) noexcept { expires_ = time; }

 private:
  std::vector<claim> claims_;
  std::string authentication_type_;
  std::optional<std::chrono::system_clock::time_point> expires_;
};

/// A predicate that decides whether a user is authorized; may be any function of your own.
using authorization_policy = std::function<bool(const claims_principal&)>;

/// Returns a policy that admits every authenticated user.
authorization_policy require_authenticated_user();
/// Returns a policy that admits users with one of these roles.
authorization_policy require_role(std::vector<std::string> roles);
/// Returns a policy that admits users with a claim of that type that has one of these values;
/// without values, any value.
authorization_policy require_claim(std::string type, std::vector<std::string> values = {});

}  // namespace saker
