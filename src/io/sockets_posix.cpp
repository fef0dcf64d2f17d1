#include "io/sockets.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace saker::io {
namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

/// Closes the descriptor unless it is released.
class owned_socket {
 public:
  explicit owned_socket(int family)
      : descriptor_(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) throw_errno("socket");
  }
  owned_socket(const owned_socket&) = delete;
  owned_socket& operator=(const owned_socket&) = delete;
  ~owned_socket() { close_socket(descriptor_); }
  int get() const noexcept { return descriptor_; }
  int release() noexcept { return std::exchange(descriptor_, -1); }
  void enable(int level, int option) const {
    const int on = 1;
    if (::setsockopt(descriptor_, level, option, &on, sizeof on) != 0) throw_errno("setsockopt");
  }

 private:
  int descriptor_;
};

struct native_address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

native_address to_native(const tcp_address& address) {
  native_address result;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
  if (::inet_pton(AF_INET, address.ip.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    result.size = sizeof(sockaddr_in);
    return result;
  }
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (::inet_pton(AF_INET6, address.ip.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    result.size = sizeof(sockaddr_in6);
    return result;
  }
  throw std::invalid_argument("'" + address.ip + "' is no IP address.");
}

std::uint16_t port_of(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    throw_errno("getsockname");
  }
  if (storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

bound_socket bind_address(const tcp_address& address, bool join) {
  const auto native = to_native(address);
  owned_socket made(native.storage.ss_family);
  made.enable(SOL_SOCKET, SO_REUSEADDR);
  if (join) made.enable(SOL_SOCKET, SO_REUSEPORT);
  if (native.storage.ss_family == AF_INET6) {
    // "::" means every address, IPv4 included; any other one itself.
    const int only_v6 = address.ip == "::" ? 0 : 1;
    ::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
  }
  // Accepted connections inherit it.
  made.enable(IPPROTO_TCP, TCP_NODELAY);
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&native.storage), native.size) != 0) {
    throw_errno("bind");
  }
  // Only after the bind: a port that another server shares must count as in use.
  if (!join) made.enable(SOL_SOCKET, SO_REUSEPORT);
  const auto port = port_of(made.get());
  return {made.release(), port};
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    throw std::invalid_argument("The Unix socket path '" + path + "' is too long.");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

/// Removes a socket file that nobody listens on any more.
void remove_stale_socket(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const owned_socket probe(AF_UNIX);
  const auto address = unix_address(path);
  const auto result =
      ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (result != 0 && errno == ECONNREFUSED) ::unlink(path.c_str());
}

/// What a connection suffered before it was accepted is no fault of the listener: Linux hands the
/// errors of its network on, and a firewall may forbid a connection (accept(2)).
bool concerns_one_connection(int error) noexcept {
  constexpr std::array errors{ECONNABORTED, EINTR,       EPERM,     EPROTO,
                              ENETDOWN,     ENETUNREACH, EHOSTDOWN, EHOSTUNREACH,
                              ENOPROTOOPT,  EOPNOTSUPP,  ETIMEDOUT, ECONNRESET};
  return std::find(errors.begin(), errors.end(), error) != errors.end();
}

/// The errors of getaddrinfo.
class resolver_category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "resolver"; }
  std::string message(int error) const override {
    return std::string("the host name cannot be resolved: ") + ::gai_strerror(error);
  }
};

double group_quota() {
  std::ifstream unified("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (unified >> quota >> period && quota != "max" && period > 0) return std::stod(quota) / period;
  std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  double limit = 0;
  if (v1_quota >> limit && v1_period >> period && limit > 0 && period > 0) return limit / period;
  return 0;
}

}  // namespace

bound_socket bind_tcp(const tcp_address& address) { return bind_address(address, false); }

bound_socket share_tcp(const tcp_address& address) { return bind_address(address, true); }

int bind_unix(const std::string& path, unsigned mode) {
  remove_stale_socket(path);
  const auto address = unix_address(path);
  owned_socket made(AF_UNIX);
  // Before the bind, so that there is no moment at which more is allowed.
  if (::fchmod(made.get(), mode) != 0) throw_errno("fchmod");
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw_errno("bind");
  }
  // The process's umask may have taken something away.
  if (::chmod(path.c_str(), mode) != 0) throw_errno("chmod");
  return made.release();
}

void start_listening(int descriptor, int backlog) {
  if (::listen(descriptor, backlog) != 0) throw_errno("listen");
}

std::optional<int> accept_connection(int listener) {
  for (;;) {
    const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) return accepted;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    if (!concerns_one_connection(errno)) throw_errno("accept");
  }
}

void close_socket(int descriptor) noexcept {
  if (descriptor >= 0) ::close(descriptor);
}

std::vector<std::string> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
  std::vector<std::string> addresses;
  for (const auto* each = found; failed == 0 && each; each = each->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  if (addresses.empty()) {
    static const resolver_category category;
    throw std::system_error(failed ? failed : EAI_NONAME, category);
  }
  return addresses;
}

namespace {

/// Of the end that the function (getpeername, getsockname) tells of.
std::string describe(int descriptor, int (*tell)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (tell(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  char text[INET6_ADDRSTRLEN] = {};
  if (storage.ss_family == AF_INET) {
    const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&storage);
    ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
    return format_address(text, ntohs(v4->sin_port));
  }
  if (storage.ss_family == AF_INET6) {
    const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    return format_address(text, ntohs(v6->sin6_port));
  }
  return "unix:";
}

}  // namespace

std::string describe_peer(int descriptor) { return describe(descriptor, ::getpeername); }

std::string describe_local(int descriptor) { return describe(descriptor, ::getsockname); }

std::string format_address(std::string_view ip, std::uint16_t port) {
  const bool v6 = ip.find(':') != std::string_view::npos;
  std::string result = v6 ? "[" : "";
  result += ip;
  result += v6 ? "]:" : ":";
  return result + std::to_string(port);
}

bool is_ip(const std::string& text) noexcept {
  in6_addr parsed;
  return ::inet_pton(AF_INET, text.c_str(), &parsed) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

bool is_ipv6_available() noexcept {
  const int probe = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = in6addr_loopback;
  const bool usable =
      ::bind(probe, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) == 0;
  ::close(probe);
  return usable;
}

unsigned usable_cpus() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  unsigned count = std::max(1U, std::thread::hardware_concurrency());
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    count = static_cast<unsigned>(CPU_COUNT(&allowed));
  }
  if (const auto quota = group_quota(); quota > 0) {
    count = std::min(count, static_cast<unsigned>(std::ceil(quota)));
  }
  return std::max(1U, count);
}

}  // namespace saker::io
