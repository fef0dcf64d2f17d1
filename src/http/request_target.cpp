#include "http/request_target.hpp"

#include <utility>

#include <saker/http/url.hpp>

namespace saker::http {
namespace {

bool all_of(std::string_view text, std::string_view allowed) noexcept {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

bool is_valid_host(std::string_view host) noexcept {
  if (host.empty()) return true;
  std::string_view port;
  if (host.front() == '[') {
    const auto end = host.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    if (!all_of(host.substr(1, end - 1), "0123456789abcdefABCDEF:.")) return false;
    port = host.substr(end + 1);
  } else {
    const auto colon = host.find(':');
    const auto name = host.substr(0, colon);
    if (name.empty()) return false;
    if (!all_of(name,
                "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~%!$&'()*+,;=")) {
      return false;
    }
    if (colon != std::string_view::npos) port = host.substr(colon);
  }
  if (port.empty()) return true;
  return port.front() == ':' && all_of(port.substr(1), "0123456789") && port.size() <= 6;
}

bool set_origin_path(request_head& head, std::string_view origin) {
  origin = origin.substr(0, origin.find('#'));
  const auto question = origin.find('?');
  head.path = origin.substr(0, question);
  if (question != std::string_view::npos) head.query = origin.substr(question + 1);
  auto decoded = decode_path(head.path);
  if (!decoded) return false;
  head.decoded_path = decoded->find("/.") == std::string::npos ? std::move(*decoded)
                                                               : remove_dot_segments(*decoded);
  return true;
}

}  // namespace saker::http
