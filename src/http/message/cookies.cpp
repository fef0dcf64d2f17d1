#include <saker/http/message/cookies.hpp>

#include <algorithm>
#include <stdexcept>

#include <saker/http/message/url.hpp>

#include "http/message/http_date.hpp"
#include "http/message/token.hpp"

namespace saker {

namespace {

bool is_control(char c) noexcept {
  auto octet = static_cast<unsigned char>(c);
  return octet < 0x20 || octet == 0x7f;
}

/// cookie-octet of RFC 6265, section 4.1.1, without the percent sign, which must be encoded for the
/// value to survive the way back.
bool is_plain_value_character(char c) noexcept {
  auto octet = static_cast<unsigned char>(c);
  constexpr std::string_view excluded = "\",;\\%";
  return octet > 0x20 && octet < 0x7f && excluded.find(c) == std::string_view::npos;
}

std::string encode_value(std::string_view value) {
  std::string result;
  result.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (is_plain_value_character(value[i])) {
      result.push_back(value[i]);
    } else {
      result.append(percent_encode(value.substr(i, 1)));
    }
  }
  return result;
}

void require_attribute(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return c == ';' || is_control(c); })) {
    throw std::invalid_argument(
        "An attribute of a cookie must not contain control characters or ';'.");
  }
}

void require_cookie(std::string_view name, const cookie_options& options) {
  if (!http::is_token(name)) throw std::invalid_argument("The name of a cookie must be a token.");
  require_attribute(options.domain);
  require_attribute(options.path);
  for (const auto& extension : options.extensions) require_attribute(extension);
  if (options.site == same_site::none && !options.secure) {
    throw std::invalid_argument("A cookie with same_site::none must be secure.");
  }
}

std::string_view name_of(same_site site) noexcept {
  switch (site) {
    case same_site::none: return "none";
    case same_site::lax: return "lax";
    case same_site::strict: return "strict";
    case same_site::unspecified: break;
  }
  return {};
}

std::optional<std::string_view> raw_value(std::string_view text) noexcept {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  // Browsers send what scripts have set, so blanks, quotes and commas are taken as they are.
  if (std::any_of(text.begin(), text.end(), is_control)) return std::nullopt;
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_cookies(std::string_view field_value) {
  std::vector<std::pair<std::string, std::string>> cookies;
  while (!field_value.empty()) {
    auto end = std::min(field_value.find(';'), field_value.size());
    auto pair = field_value.substr(0, end);
    field_value.remove_prefix(std::min(end + 1, field_value.size()));
    auto equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    auto name = http::trimmed(pair.substr(0, equals));
    auto value = raw_value(http::trimmed(pair.substr(equals + 1)));
    if (http::is_token(name) && value) cookies.emplace_back(name, percent_decode(*value));
  }
  return cookies;
}

std::string format_set_cookie(std::string_view name, std::string_view value,
                              const cookie_options& options) {
  require_cookie(name, options);
  std::string result(name);
  result.append("=").append(encode_value(value));
  if (options.expires) result.append("; expires=").append(http::format_http_date(*options.expires));
  if (options.max_age) {
    result.append("; max-age=").append(std::to_string(options.max_age->count()));
  }
  if (!options.domain.empty()) result.append("; domain=").append(options.domain);
  if (!options.path.empty()) result.append("; path=").append(options.path);
  if (options.secure) result.append("; secure");
  if (options.site != same_site::unspecified) {
    result.append("; samesite=").append(name_of(options.site));
  }
  if (options.http_only) result.append("; httponly");
  for (const auto& extension : options.extensions) result.append("; ").append(extension);
  return result;
}

}  // namespace saker
