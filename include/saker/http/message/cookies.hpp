#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker {

enum class same_site { unspecified, none, lax, strict };

/// Holds the attributes of a `Set-Cookie` field (RFC 6265, section 4.1).
///
/// Example:
/// ```cpp
/// context.response().append_cookie("session", "42",
///                                  {.max_age = 3600s, .secure = true, .http_only = true});
/// ```
struct cookie_options {
  std::string domain = {};                                            ///< Empty: the host only.
  std::string path = "/";                                             ///< Empty: not sent.
  std::optional<std::chrono::system_clock::time_point> expires = {};  ///< Absent: a session cookie.
  std::optional<std::chrono::seconds> max_age = {};                   ///< Overrides `expires`.
  bool secure = false;                                                ///< HTTPS only.
  bool http_only = false;                                             ///< Hidden from scripts.
  same_site site = same_site::unspecified;                            ///< `none` requires `secure`.
  std::vector<std::string> extensions = {};  ///< Further attributes, sent unchanged.
};

/// Parses a `Cookie` field value: names as sent, values percent-decoded, double quotes around a
/// value removed. Malformed pairs are left out. If a name occurs twice, both cookies are returned,
/// in order.
std::vector<std::pair<std::string, std::string>> parse_cookies(std::string_view field_value);

/// Returns the value of a `Set-Cookie` field. The cookie's value is percent-encoded where
/// necessary. Throws `std::invalid_argument` for a name that is not a token, for an attribute with
/// control characters or `;`, and for `same_site::none` without `secure`.
std::string format_set_cookie(std::string_view name, std::string_view value,
                              const cookie_options& options);

}  // namespace saker
