#include "app/binding.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace saker::app {
namespace {

constexpr int backlog = 4096;

[[noreturn]] void fail(const endpoint& at, const std::system_error& error) {
  const auto why = error.code() == std::errc::address_in_use ? std::string("address already in use")
                                                             : error.code().message();
  throw std::system_error(error.code(), "Failed to bind to address " + at.text + " (" + why + ")");
}

}  // namespace

binding::binding(const endpoint& at, unsigned loops, unsigned unix_socket_mode)
    : secure_(at.secure) {
  try {
    if (at.type == endpoint::kind::unix_socket) {
      descriptors_.push_back({io::bind_unix(at.host, unix_socket_mode)});
      shared_ = true;
      url_ = at.url(0);
    } else {
      bind_tcp(at, loops);
    }
    for (const auto& address : descriptors_) {
      for (const int descriptor : address) io::start_listening(descriptor, backlog);
    }
  } catch (const std::system_error& error) {
    for (const auto& address : release()) {
      for (const int descriptor : address) io::close_socket(descriptor);
    }
    fail(at, error);
  }
}

binding::~binding() {
  for (const auto& address : descriptors_) {
    for (const int descriptor : address) io::close_socket(descriptor);
  }
}

std::vector<std::vector<int>> binding::release() noexcept {
  return std::exchange(descriptors_, {});
}

std::uint16_t binding::add_address(const std::string& ip, std::uint16_t port, unsigned loops) {
  const auto first = io::bind_tcp({ip, port});
  auto& group = descriptors_.emplace_back();
  group.push_back(first.descriptor);
  while (group.size() < loops) group.push_back(io::share_tcp({ip, first.port}).descriptor);
  return first.port;
}

void binding::bind_tcp(const endpoint& at, unsigned loops) {
  const bool v6 = io::is_ipv6_available();
  if (at.type == endpoint::kind::ip) {
    url_ = at.url(add_address(at.host, at.port, loops));
  } else if (at.type == endpoint::kind::any) {
    url_ = at.url(add_address(v6 ? "::" : "0.0.0.0", at.port, loops));
  } else if (at.type == endpoint::kind::name) {
    auto port = at.port;
    for (const auto& ip : io::resolve(at.host)) port = add_address(ip, port, loops);
    url_ = at.url(port);
  } else {
    const auto port = add_address("127.0.0.1", at.port, loops);
    // A free port of one loopback is almost always free on the other.
    if (v6) add_address("::1", port, loops);
    url_ = at.url(port);
  }
}

}  // namespace saker::app
