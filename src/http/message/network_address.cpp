#include <saker/http/message/network_address.hpp>

#include <charconv>

namespace saker {

network_address network_address::parse(std::string_view endpoint) {
  if (endpoint.starts_with("unix:")) return {};
  auto ip = endpoint;
  std::string_view port;
  const auto colon = endpoint.rfind(':');
  if (endpoint.starts_with('[')) {
    const auto end = endpoint.find(']');
    if (end == std::string_view::npos) return {};
    ip = endpoint.substr(1, end - 1);
    if (colon == end + 1) port = endpoint.substr(colon + 1);
  } else if (colon != std::string_view::npos && endpoint.find(':') == colon) {
    ip = endpoint.substr(0, colon);
    port = endpoint.substr(colon + 1);
  }
  network_address made{std::string(ip)};
  std::from_chars(port.data(), port.data() + port.size(), made.port);
  return made;
}

}  // namespace saker
