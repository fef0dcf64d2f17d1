#include "http/message/path_prefix.hpp"

#include <stdexcept>
#include <string>

#include <saker/http/message/headers.hpp>

namespace saker::http {

bool starts_with_segments(std::string_view path, std::string_view prefix) noexcept {
  return equals_ignoring_case(path.substr(0, prefix.size()), prefix) &&
         (path.size() == prefix.size() || path[prefix.size()] == '/');
}

void require_path_prefix(std::string_view prefix, std::string_view what) {
  if (!prefix.starts_with('/')) {
    throw std::invalid_argument(std::string(what) + " must begin with '/'.");
  }
  if (prefix.ends_with('/')) {
    throw std::invalid_argument(std::string(what) + " must not end with '/'.");
  }
}

}  // namespace saker::http
