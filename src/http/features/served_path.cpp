#include "http/features/served_path.hpp"

#include <algorithm>

#include <saker/http/exchange/request.hpp>

#include "http/message/path_prefix.hpp"

namespace saker::http {

namespace {

bool is_served_segment(std::string_view segment) noexcept {
  return !segment.empty() && segment.front() != '.' &&
         segment.find_first_of(std::string_view("\\\0", 2)) == std::string_view::npos;
}

/// `%2F` survives the decoding of a path; it is no part of a file name.
bool has_encoded_separator(std::string_view path) noexcept {
  return path.find("%2F") != std::string_view::npos || path.find("%2f") != std::string_view::npos ||
         path.find("%5C") != std::string_view::npos || path.find("%5c") != std::string_view::npos;
}

}  // namespace

std::optional<std::string> served_path(std::string_view path) {
  if (path.empty()) return std::string();
  if (path.front() != '/' || has_encoded_separator(path)) return std::nullopt;
  path.remove_prefix(1);
  for (auto rest = path; !rest.empty();) {
    auto end = std::min(rest.find('/'), rest.size());
    if (!is_served_segment(rest.substr(0, end))) return std::nullopt;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::string(path);
}

std::optional<std::string> requested_path(const http_request& request,
                                          std::string_view request_path) {
  if (request.method() != "GET" && request.method() != "HEAD") return std::nullopt;
  auto path = request.path();
  if (!starts_with_segments(path, request_path)) return std::nullopt;
  return served_path(path.substr(request_path.size()));
}

}  // namespace saker::http
