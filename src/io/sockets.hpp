#pragma once

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::io {

// The socket calls of the platform, in one place. All descriptors are non-blocking and
// close-on-exec. Failures are std::system_error.

/// A TCP address: the text of an IPv4 or IPv6 address and a port.
struct tcp_address {
  std::string ip;
  std::uint16_t port = 0;
};

struct bound_socket {
  int descriptor;
  std::uint16_t port;
};

/// Binds a TCP listener that nobody else may share, then allows `share_tcp` to join it.
bound_socket bind_tcp(const tcp_address& address);
/// One more listener on an address that `bind_tcp` has bound; the kernel spreads connections.
bound_socket share_tcp(const tcp_address& address);
/// Binds a Unix socket; a file left behind by a dead server is replaced.
/// `mode` says who may connect.
int bind_unix(const std::string& path, unsigned mode);
void start_listening(int descriptor, int backlog);

/// Accepts one connection. Empty when none waits; throws for errors that concern the listener.
std::optional<int> accept_connection(int listener);

void close_socket(int descriptor) noexcept;

/// What `errno` says: there is nothing to do now. Otherwise something has failed.
inline bool would_block() noexcept {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/// The IP addresses of a host, at least one. Blocks; for the start.
std::vector<std::string> resolve(const std::string& host);

/// "127.0.0.1:5000", "[::1]:5000" or "unix:".
std::string describe_peer(int descriptor);
std::string describe_local(int descriptor);
std::string format_address(std::string_view ip, std::uint16_t port);

bool is_ipv6_available() noexcept;
/// Whether it is the text of an IPv4 or IPv6 address.
bool is_ip(const std::string& text) noexcept;

/// What this machine calls itself; empty where the system does not say.
std::string host_name();

/// The CPUs that this process may use: its affinity, cut by its control group's quota. At least 1.
unsigned usable_cpus();

}  // namespace saker::io
