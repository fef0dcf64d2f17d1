#include "app/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <saker/http/message/headers.hpp>

#include "io/sockets.hpp"

namespace saker::app {
namespace {

[[noreturn]] void refuse(std::string_view address, const std::string& why) {
  throw std::invalid_argument("Invalid server address '" + std::string(address) + "': " + why);
}

std::uint16_t parse_port(std::string_view address, std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    refuse(address, "the port must be a number from 0 to 65535.");
  }
  return port;
}

std::string_view take_scheme(endpoint& target, std::string_view address) {
  constexpr std::string_view http = "http://";
  constexpr std::string_view https = "https://";
  constexpr std::uint16_t https_port = 443;
  if (equals_ignoring_case(address.substr(0, https.size()), https)) {
    target.secure = true;
    target.port = https_port;
    return address.substr(https.size());
  }
  if (!equals_ignoring_case(address.substr(0, http.size()), http)) {
    throw std::invalid_argument("Unrecognized scheme in server address '" + std::string(address) +
                                "'. Only 'http://' and 'https://' are supported.");
  }
  return address.substr(http.size());
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// What begins with a digit in its last label is meant as an address (RFC 1123, section 2.1), and
/// resolvers know odd forms of those: "0" would be every address.
bool is_host_name(std::string_view host) {
  const auto is_part = [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
  };
  if (host.ends_with('.')) host.remove_suffix(1);
  const auto last = host.substr(host.rfind('.') + 1);
  return !last.empty() && !is_digit(last.front()) && host.front() != '.' &&
         host.find("..") == std::string_view::npos &&
         std::all_of(host.begin(), host.end(), is_part);
}

bool is_localhost(std::string_view host) {
  constexpr std::string_view name = "localhost";
  if (host.size() < name.size()) return false;
  const auto before = host.substr(0, host.size() - name.size());
  return equals_ignoring_case(host.substr(before.size()), name) &&
         (before.empty() || before.ends_with('.'));
}

void set_host(endpoint& target, std::string_view host) {
  if (host.empty()) refuse(target.text, "the host is missing.");
  if (host.front() == '[') {
    if (host.size() < 3 || host.back() != ']') refuse(target.text, "']' is missing.");
    host = host.substr(1, host.size() - 2);
    if (!io::is_ip(std::string(host))) refuse(target.text, "the IPv6 address is malformed.");
  }
  target.host = host;
  if (is_localhost(host)) {
    target.type = endpoint::kind::localhost;
  } else if (io::is_ip(target.host)) {
    target.type = endpoint::kind::ip;
  } else if (host == "*" || host == "+") {
    target.type = endpoint::kind::any;
  } else if (is_host_name(host)) {
    target.type = endpoint::kind::name;
  } else {
    refuse(target.text,
           "'" + target.host + "' is no IP address, no host name and not '*' (every address).");
  }
}

endpoint parse_unix(endpoint target, std::string_view path) {
  if (!path.starts_with('/')) refuse(target.text, "Unix socket path must be absolute.");
  target.type = endpoint::kind::unix_socket;
  target.host = path;
  return target;
}

endpoint parse_endpoint(std::string_view address) {
  endpoint result;
  result.text = address;
  auto rest = take_scheme(result, address);
  if (rest.starts_with("unix:")) return parse_unix(std::move(result), rest.substr(5));
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    if (slash + 1 != rest.size()) refuse(address, "a path is not allowed.");
    rest.remove_suffix(1);
  }
  const auto bracket = rest.find(']');
  const auto colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) result.port = parse_port(address, rest.substr(colon + 1));
  set_host(result, rest.substr(0, colon));
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string endpoint::url(std::uint16_t bound_port) const {
  const std::string scheme = secure ? "https://" : "http://";
  if (type == kind::unix_socket) return scheme + "unix:" + host;
  const bool v6 = host.find(':') != std::string::npos;
  return scheme + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(bound_port);
}

std::vector<endpoint> parse_endpoints(std::string_view urls) {
  std::vector<endpoint> result;
  while (!urls.empty()) {
    const auto end = urls.find(';');
    if (const auto address = trimmed(urls.substr(0, end)); !address.empty()) {
      result.push_back(parse_endpoint(address));
    }
    urls.remove_prefix(end == std::string_view::npos ? urls.size() : end + 1);
  }
  if (result.empty()) throw std::invalid_argument("No server address was given.");
  return result;
}

}  // namespace saker::app
