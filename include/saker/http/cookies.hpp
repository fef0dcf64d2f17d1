#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker {

enum class same_site { unspecified, none, lax, strict };

/// The attributes of a `Set-Cookie` field (RFC 6265, section 4.1).
struct cookie_options {
  std::string domain = {};                                            ///< Empty: the host only.
  std::string path = "/";                                             ///< Empty: not sent.
  std::optional<std::chrono::system_clock::time_point> expires = {};  ///< Absent: a session cookie.
  std::optional<std::chrono::seconds> max_age = {};                   ///< Wins over `expires`.
  bool secure = false;                                                ///< HTTPS only.
  bool http_only = false;                                             ///< Hidden from scripts.
  same_site site = same_site::unspecified;                            ///< `none` needs `secure`.
  std::vector<std::string> extensions = {};  ///< Further attributes, as they are.
};

/// The cookies of a `Cookie` field value: names as sent, values percent-decoded, double quotes
/// around a value removed. Pairs that are no cookies are left out. When a name occurs twice, both
/// are there in their order.
std::vector<std::pair<std::string, std::string>> parse_cookies(std::string_view field_value);

/// The value of a `Set-Cookie` field. The cookie's value is percent-encoded where it must be.
/// A name that is no token, or an attribute with control characters or `;`, throws
/// `std::invalid_argument`; so does `same_site::none` without `secure`.
std::string format_set_cookie(std::string_view name, std::string_view value,
                              const cookie_options& options);

}  // namespace saker
