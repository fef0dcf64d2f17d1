#include "http/exchange/request_target.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <saker/http/message/url.hpp>

namespace saker::http {
namespace {

using character_set = std::array<bool, 256>;

constexpr character_set characters(std::string_view allowed) {
  character_set result{};
  for (const char c : allowed) result[static_cast<unsigned char>(c)] = true;
  return result;
}

constexpr auto name_characters =
    characters("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~%!$&'()*+,;=");
constexpr auto query_characters = characters(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~%!$&'()*+,;=:@/?[]{}|^`\\");
constexpr auto path_characters = [] {
  auto result = query_characters;
  result['?'] = result['\\'] = false;
  return result;
}();
constexpr auto ipv6_characters = characters("0123456789abcdefABCDEF:.");
constexpr auto digits = characters("0123456789");

bool all_of(std::string_view text, const character_set& allowed) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return allowed[static_cast<unsigned char>(c)]; });
}

}  // namespace

bool is_valid_host(std::string_view host) noexcept {
  if (host.empty()) return true;
  std::string_view port;
  if (host.front() == '[') {
    const auto end = host.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    if (!all_of(host.substr(1, end - 1), ipv6_characters)) return false;
    port = host.substr(end + 1);
  } else {
    const auto colon = host.find(':');
    const auto name = host.substr(0, colon);
    if (name.empty()) return false;
    if (!all_of(name, name_characters)) return false;
    if (colon != std::string_view::npos) port = host.substr(colon);
  }
  if (port.empty()) return true;
  return port.front() == ':' && all_of(port.substr(1), digits) && port.size() <= 6;
}

bool set_origin_path(request_head& head, std::string_view origin) {
  const auto question = origin.find('?');
  head.path = origin.substr(0, question);
  if (question != std::string_view::npos) head.query = origin.substr(question + 1);
  if (!all_of(head.path, path_characters) || !all_of(head.query, query_characters)) return false;
  auto decoded = decode_path(head.path);
  if (!decoded) return false;
  head.decoded_path = decoded->find("/.") == std::string::npos ? std::move(*decoded)
                                                               : remove_dot_segments(*decoded);
  return true;
}

}  // namespace saker::http
