#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saker/http/middleware.hpp>

namespace saker {

/// What pages of other origins may do (the CORS protocol of the Fetch standard). Values that make
/// no sense together throw `std::invalid_argument` when the middleware is made.
struct cors_options {
  /// The origins whose pages may read answers: "https://client.com"; "https://*.client.com" for
  /// every sub-domain of client.com; "http://localhost:*" for every port; "*" for all, which
  /// browsers do not allow with credentials. Empty (default): none.
  std::vector<std::string> allowed_origins = {};
  /// Says of an origin that is none of these whether it is allowed. Thread rule: any, at once.
  std::function<bool(std::string_view origin)> is_origin_allowed = {};
  /// Methods that a preflight allows besides GET, HEAD and POST; "*": any. SignalR needs DELETE.
  std::vector<std::string> allowed_methods = {"*"};
  /// Header fields that a preflight allows; "*": any.
  std::vector<std::string> allowed_headers = {"*"};
  /// Fields of answers that scripts may read besides the usual ones.
  std::vector<std::string> exposed_headers = {};
  /// Lets pages send cookies and the like. SignalR's JavaScript client asks for it unless it is
  /// told not to.
  bool allow_credentials = false;
  /// How long a browser may keep the answer to a preflight; absent: its own default (5 s).
  std::optional<std::chrono::seconds> preflight_max_age = {};

  void validate() const;
};

/// Answers preflights, and marks the answers that pages may read. Put it before authentication and
/// whatever else may refuse a request, so that scripts see why.
middleware cors_middleware(cors_options options);

}  // namespace saker
