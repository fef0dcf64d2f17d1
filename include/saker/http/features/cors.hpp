#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saker/http/pipeline/middleware.hpp>

namespace saker {

/// Says what pages of other origins may do (the CORS protocol of the Fetch standard). Contradictory
/// values throw `std::invalid_argument` when the middleware is created.
///
/// Example:
/// ```cpp
/// app.use_cors({.allowed_origins = {"https://client.com"}, .allow_credentials = true});
/// ```
struct cors_options {
  /// The origins whose pages may read responses: "https://client.com"; "https://*.client.com" for
  /// every sub-domain of client.com; "http://localhost:*" for every port; "*" for all, which
  /// browsers do not allow with credentials. Empty (default): none.
  std::vector<std::string> allowed_origins = {};
  /// Decides whether an origin that is not in `allowed_origins` is allowed. Called on any loop,
  /// several at once.
  std::function<bool(std::string_view origin)> is_origin_allowed = {};
  /// Methods that a preflight allows besides GET, HEAD and POST; "*": any. SignalR needs DELETE.
  std::vector<std::string> allowed_methods = {"*"};
  /// Header fields that a preflight allows; "*": any.
  std::vector<std::string> allowed_headers = {"*"};
  /// Response fields that scripts may read besides the CORS-safelisted ones.
  std::vector<std::string> exposed_headers = {};
  /// Allows pages to send credentials, such as cookies. SignalR's JavaScript client sends them by
  /// default.
  bool allow_credentials = false;
  /// How long a browser may cache the answer to a preflight; absent: the browser's default (5 s).
  std::optional<std::chrono::seconds> preflight_max_age = {};

  void validate() const;
};

/// Answers preflights, and marks the responses that pages may read. Add it before authentication
/// and any other middleware that may refuse a request, so that scripts can read the reason.
middleware cors_middleware(cors_options options);

}  // namespace saker
