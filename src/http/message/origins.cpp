#include "http/message/origins.hpp"

#include <algorithm>
#include <stdexcept>

#include <saker/http/message/headers.hpp>

namespace saker::http {
namespace {

/// What may stand for the '*': one or more labels of a host.
bool is_sub_domain(std::string_view text) noexcept {
  const auto is_label_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_label_character);
}

/// "https://client.com:81" without the port.
std::string_view strip_port(std::string_view origin) noexcept {
  const auto digits = origin.find_last_not_of("0123456789");
  const bool has_port =
      digits != std::string_view::npos && digits + 1 < origin.size() && origin[digits] == ':';
  return has_port ? origin.substr(0, digits) : origin;
}

}  // namespace

allowed_origins::allowed_origins(const std::vector<std::string>& entries)
    : every_(entries.empty() || std::find(entries.begin(), entries.end(), "*") != entries.end()) {
  if (every_) return;
  constexpr std::string_view any_port = ":*";
  for (std::string_view text : entries) {
    const bool has_any_port = text.ends_with(any_port);
    if (has_any_port) text.remove_suffix(any_port.size());
    const std::string each(text);
    const auto star = each.find('*');
    if (star == std::string::npos) {
      entries_.push_back({each, {}, false, has_any_port});
      continue;
    }
    entry made{each.substr(0, star), each.substr(star + 1), true, has_any_port};
    if (!made.before.ends_with("://") || made.after.size() < 2 || made.after.front() != '.' ||
        made.after.find('*') != std::string::npos) {
      throw std::invalid_argument("websocket_options::allowed_origins: '" + each +
                                  "' must be an origin, \"*\", or one like "
                                  "\"https://*.client.com\".");
    }
    entries_.push_back(std::move(made));
  }
}

bool allowed_origins::allows(std::string_view whole) const noexcept {
  const auto without_port = strip_port(whole);
  return every_ || std::any_of(entries_.begin(), entries_.end(), [&](const entry& each) {
           const auto origin = each.has_any_port ? without_port : whole;
           if (!each.has_wildcard) return equals_ignoring_case(each.before, origin);
           const auto fixed = each.before.size() + each.after.size();
           return origin.size() > fixed &&
                  equals_ignoring_case(origin.substr(0, each.before.size()), each.before) &&
                  equals_ignoring_case(origin.substr(origin.size() - each.after.size()),
                                       each.after) &&
                  is_sub_domain(origin.substr(each.before.size(), origin.size() - fixed));
         });
}

}  // namespace saker::http
