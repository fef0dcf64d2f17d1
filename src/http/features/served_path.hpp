#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace saker {
class http_request;
}

namespace saker::http {

/// The part of a decoded path below a served folder, without its first slash, if it may be looked
/// for at all: no empty, hidden or dot segment, no backslash, NUL or encoded separator. Empty for
/// the folder itself; a slash at the end stays.
std::optional<std::string> served_path(std::string_view path);

/// The served path of a GET or HEAD request below `request_path`; absent for all others.
std::optional<std::string> requested_path(const http_request& request,
                                          std::string_view request_path);

}  // namespace saker::http
