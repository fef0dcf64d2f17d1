#include "io/ip_networks.hpp"

#include <boost/asio/ip/address.hpp>

#include <charconv>
#include <optional>
#include <stdexcept>

namespace saker::io {
namespace {

/// The address in network order; empty: it is none.
std::string bytes_of(std::string_view text) {
  // Behind a '%' anything may stand.
  if (text.find('%') != std::string_view::npos) return {};
  boost::system::error_code error;
  auto address = boost::asio::ip::make_address(text, error);
  if (error) return {};
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
  }
  const auto copy = [](const auto& bytes) { return std::string(bytes.begin(), bytes.end()); };
  return address.is_v4() ? copy(address.to_v4().to_bytes()) : copy(address.to_v6().to_bytes());
}

bool begin_alike(std::string_view left, std::string_view right, unsigned bits) {
  const auto whole = bits / 8;
  if (left.substr(0, whole) != right.substr(0, whole)) return false;
  const auto rest = bits % 8;
  if (rest == 0) return true;
  const auto difference = static_cast<unsigned char>(left[whole] ^ right[whole]);
  return difference >> (8 - rest) == 0;
}

}  // namespace

ip_networks::ip_networks(const std::vector<std::string>& entries) {
  for (const auto& entry : entries) {
    if (entry == "unix:") {
      unix_ = true;
      continue;
    }
    const auto slash = entry.find('/');
    network made{bytes_of(std::string_view(entry).substr(0, slash)), 0};
    const auto most = static_cast<unsigned>(made.bytes.size() * 8);
    made.prefix = most;
    if (slash != std::string::npos) {
      const auto* const end = entry.data() + entry.size();
      const auto [stopped, error] = std::from_chars(entry.data() + slash + 1, end, made.prefix);
      if (error != std::errc() || stopped != end) made.bytes.clear();
    }
    if (made.bytes.empty() || made.prefix > most) {
      throw std::invalid_argument("'" + entry +
                                  "' is no IP address, no network like 10.0.0.0/8, and not unix:");
    }
    networks_.push_back(std::move(made));
  }
}

bool ip_networks::contains(std::string_view endpoint) const {
  if (endpoint.starts_with("unix:")) return unix_;
  const auto bytes = bytes_of(address_of(endpoint));
  if (bytes.empty()) return false;
  for (const auto& each : networks_) {
    if (each.bytes.size() == bytes.size() && begin_alike(each.bytes, bytes, each.prefix)) {
      return true;
    }
  }
  return false;
}

std::string_view address_of(std::string_view endpoint) noexcept {
  if (endpoint.starts_with('[')) {
    const auto end = endpoint.find(']');
    return end == std::string_view::npos ? std::string_view() : endpoint.substr(1, end - 1);
  }
  const auto colon = endpoint.find(':');
  // More than one: an IPv6 address without a port.
  if (colon != endpoint.rfind(':')) return endpoint;
  return endpoint.substr(0, colon);
}

bool is_ip_address(std::string_view text) { return !bytes_of(text).empty(); }

}  // namespace saker::io
