#include "redis/address.hpp"

#include <charconv>
#include <stdexcept>

#include <saker/http/message/url.hpp>

namespace saker::redis {
namespace {

constexpr std::uint16_t default_port = 6379;

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument("Invalid address of Redis: " + why);
}

template <class Number>
Number parse_number(std::string_view text, const char* what) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    refuse(std::string(what) + " '" + std::string(text) + "' is no number that is allowed.");
  }
  return number;
}

/// What stands in front of '@'.
void take_credentials(url& target, std::string_view& rest) {
  const auto end = rest.rfind('@');
  if (end == std::string_view::npos) return;
  const auto credentials = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  const auto colon = credentials.find(':');
  if (colon == std::string_view::npos) refuse("a user needs a password: 'user:password@'.");
  target.user = percent_decode(credentials.substr(0, colon));
  target.password = percent_decode(credentials.substr(colon + 1));
}

}  // namespace

std::string address::text() const {
  if (is_unix()) return host;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::uint16_t parse_port(std::string_view text) {
  return parse_number<std::uint16_t>(text, "the port");
}

address parse_address(std::string_view text, std::uint16_t port) {
  address result;
  result.port = port;
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    result.port = parse_port(text.substr(colon + 1));
    text = text.substr(0, colon);
  }
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (text.empty()) refuse("the host is missing.");
  result.host = text;
  return result;
}

url parse_url(std::string_view text) {
  constexpr std::string_view plain = "redis://";
  constexpr std::string_view secure = "rediss://";
  constexpr std::string_view local = "unix://";
  url result;
  if (text.starts_with(local)) {
    text.remove_prefix(local.size());
    take_credentials(result, text);
    constexpr std::string_view database = "?db=";
    if (const auto query = text.find('?'); query != std::string_view::npos) {
      if (!text.substr(query).starts_with(database)) refuse("after '?' only 'db=' is allowed.");
      result.database =
          parse_number<unsigned>(text.substr(query + database.size()), "the database");
      text = text.substr(0, query);
    }
    if (!text.starts_with('/')) refuse("the path of a Unix socket must be absolute.");
    result.where.host = text;
    return result;
  }
  result.secure = text.starts_with(secure);
  if (!result.secure && !text.starts_with(plain)) {
    refuse("it begins with 'redis://', 'rediss://' or 'unix://'.");
  }
  text.remove_prefix(result.secure ? secure.size() : plain.size());
  take_credentials(result, text);
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const auto database = text.substr(slash + 1);
    if (!database.empty()) result.database = parse_number<unsigned>(database, "the database");
    text = text.substr(0, slash);
  }
  result.where = parse_address(text, default_port);
  return result;
}

}  // namespace saker::redis
