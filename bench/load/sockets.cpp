#include "sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <string>
#include <vector>

#include "load_error.hpp"

namespace saker_load {

namespace {

std::vector<char>& shared_buffer() {
  constexpr std::size_t size = 262144;
  static std::vector<char> buffer(size);
  return buffer;
}

sockaddr_in to_address(const endpoint& server) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port);
  if (::inet_pton(AF_INET, server.host.c_str(), &address.sin_addr) != 1) {
    throw usage_error("--url: '" + server.host + "' is not an IPv4 address");
  }
  return address;
}

void set_options(int fd) {
  const int on = 1;
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

descriptor connect_to(const endpoint& server) {
  const auto address = to_address(server);
  descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) throw_errno("socket");
  set_options(socket.get());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw_errno("connect to " + server.host + ":" + std::to_string(server.port));
  }
  return socket;
}

void send_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const auto sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent < 0) throw_errno("send");
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string_view receive_some(int fd) {
  auto& buffer = shared_buffer();
  const auto count = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (count < 0 && would_block()) throw load_error("no answer from the server for ten seconds");
  if (count < 0) throw_errno("receive");
  return {buffer.data(), static_cast<std::size_t>(count)};
}

std::size_t send_now(int fd, std::string_view data) {
  const auto sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (!would_block()) throw_errno("send");
  return 0;
}

received receive_now(int fd) {
  auto& buffer = shared_buffer();
  const auto count = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count >= 0) return {.data = {buffer.data(), static_cast<std::size_t>(count)}};
  if (!would_block()) throw_errno("receive");
  return {.data = {}, .would_block = true};
}

void raise_descriptor_limit(std::size_t needed) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  constexpr std::size_t others = 16;
  if (limit.rlim_cur != RLIM_INFINITY && needed + others > limit.rlim_cur) {
    throw load_error("the limit of " + std::to_string(limit.rlim_cur) +
                     " open files (ulimit -Hn) is too low for " + std::to_string(needed) +
                     " connections");
  }
}

}  // namespace saker_load
