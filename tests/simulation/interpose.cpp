// The functions of the C library that the server calls, led to the simulated system. What does not
// belong to it goes on to the real one.

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <ctime>
#include <memory>
#include <span>

#include "link.hpp"
#include "system.hpp"

using saker::simulation::event_poll;
using saker::simulation::listening_socket;
using saker::simulation::server_socket;

namespace {

using owner = saker::simulation::system;

owner& sys() { return owner::instance(); }

int fail(int error) {
  errno = error;
  return -1;
}

template <class T>
int add() {
  return sys().add(std::make_unique<T>());
}

int give_address(sockaddr* address, socklen_t* size, std::uint16_t port) {
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_port = htons(port);
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::memcpy(address, &own, sizeof own);
  *size = sizeof own;
  return 0;
}

std::int64_t since_1970() {
  constexpr std::int64_t start = -2'200'000'000;  // The virtual clock begins far away.
  return sys().now() + start * saker::simulation::second;
}

void split(std::int64_t time, timespec& into) {
  into.tv_sec = time / saker::simulation::second;
  into.tv_nsec = time % saker::simulation::second;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (clock == CLOCK_MONOTONIC) {
    split(sys().now(), *time);
  } else if (clock == CLOCK_REALTIME) {
    split(since_1970(), *time);
  } else {
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  }
  return 0;
}

time_t time(time_t* into) noexcept {
  const auto now = static_cast<time_t>(since_1970() / saker::simulation::second);
  if (into) *into = now;
  return now;
}

int epoll_create1(int) noexcept { return add<event_poll>(); }
int eventfd(unsigned, int) noexcept { return add<saker::simulation::event>(); }
int timerfd_create(clockid_t, int) noexcept { return add<saker::simulation::timer>(); }

int timerfd_settime(int descriptor, int, const itimerspec* next, itimerspec* before) noexcept {
  auto* const timer = sys().find_as<saker::simulation::timer>(descriptor);
  if (!timer) return fail(EBADF);
  if (before) *before = {};
  const auto wait = next->it_value.tv_sec * saker::simulation::second + next->it_value.tv_nsec;
  timer->due = wait == 0 ? 0 : sys().now() + wait;
  return 0;
}

int epoll_ctl(int poll, int operation, int descriptor, epoll_event* event) noexcept {
  auto* const on = sys().find_as<event_poll>(poll);
  if (!on) return fail(EBADF);
  auto found = on->interests.begin();
  while (found != on->interests.end() && found->descriptor != descriptor) ++found;
  if (operation == EPOLL_CTL_ADD) {
    on->interests.push_back({descriptor, *event});
  } else if (found == on->interests.end()) {
    return fail(ENOENT);
  } else if (operation == EPOLL_CTL_MOD) {
    *found = {descriptor, *event};
  } else {
    on->interests.erase(found);
  }
  return 0;
}

/// Nobody waits in here: a world advances its clock instead.
int epoll_wait(int poll, epoll_event* events, int most, int) {
  auto* const on = sys().find_as<event_poll>(poll);
  if (!on) return fail(EBADF);
  return sys().wait(*on, {events, static_cast<std::size_t>(most)});
}

int socket(int family, int, int) noexcept {
  return family == AF_INET ? add<listening_socket>() : fail(EAFNOSUPPORT);
}
int bind(int descriptor, const sockaddr* address, socklen_t) noexcept {
  auto* const listener = sys().find_as<listening_socket>(descriptor);
  if (!listener) return fail(EBADF);
  listener->port = ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port);
  return 0;
}
int listen(int descriptor, int) noexcept {
  auto* const listener = sys().find_as<listening_socket>(descriptor);
  if (!listener) return fail(EBADF);
  listener->listening = true;
  return 0;
}

int accept4(int descriptor, sockaddr*, socklen_t*, int) {
  auto* const listener = sys().find_as<listening_socket>(descriptor);
  if (!listener) return fail(EBADF);
  if (listener->waiting.empty()) return fail(EAGAIN);
  auto& over = *listener->waiting.front();
  listener->waiting.erase(listener->waiting.begin());
  return sys().add(std::make_unique<server_socket>(over));
}

int setsockopt(int descriptor, int level, int option, const void* value, socklen_t) noexcept {
  auto* const socket = sys().find_as<server_socket>(descriptor);
  if (socket && level == SOL_SOCKET && option == SO_LINGER) {
    const auto& setting = *static_cast<const linger*>(value);
    socket->reset_at_close = setting.l_onoff != 0 && setting.l_linger == 0;
  }
  return 0;
}

int getsockopt(int descriptor, int, int, void* value, socklen_t* size) noexcept {
  auto* const socket = sys().find_as<server_socket>(descriptor);
  const int error = socket ? socket->over().take_error() : 0;
  std::memcpy(value, &error, sizeof error);
  *size = sizeof error;
  return 0;
}

int getsockname(int descriptor, sockaddr* address, socklen_t* size) noexcept {
  const auto* const listener = sys().find_as<listening_socket>(descriptor);
  return listener ? give_address(address, size, listener->port) : fail(EBADF);
}
int getpeername(int descriptor, sockaddr* address, socklen_t* size) noexcept {
  if (!sys().find_as<server_socket>(descriptor)) return fail(ENOTCONN);
  return give_address(address, size, static_cast<std::uint16_t>(descriptor & 0xffff));
}

ssize_t recv(int descriptor, void* to, size_t most, int) {
  auto* const socket = sys().find_as<server_socket>(descriptor);
  return socket ? socket->over().server_receive(to, most) : fail(EBADF);
}

ssize_t send(int descriptor, const void* data, size_t size, int) {
  auto* const socket = sys().find_as<server_socket>(descriptor);
  const iovec all{const_cast<void*>(data), size};
  return socket ? socket->over().server_send({&all, 1}) : fail(EBADF);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int) {
  auto* const socket = sys().find_as<server_socket>(descriptor);
  return socket ? socket->over().server_send({message->msg_iov, message->msg_iovlen}) : fail(EBADF);
}

int shutdown(int descriptor, int) noexcept {
  auto* const socket = sys().find_as<server_socket>(descriptor);
  if (!socket) return fail(EBADF);
  socket->over().server_end();
  return 0;
}

/// Only ever asked for non-blocking descriptors.
int ioctl(int descriptor, unsigned long request, ...) noexcept {
  if (owner::owns(descriptor)) return 0;
  std::va_list rest;
  va_start(rest, request);
  auto* const argument = va_arg(rest, void*);
  va_end(rest);
  return static_cast<int>(::syscall(SYS_ioctl, descriptor, request, argument));
}

int close(int descriptor) {
  if (owner::owns(descriptor)) return sys().close(descriptor);
  return static_cast<int>(::syscall(SYS_close, descriptor));
}

ssize_t read(int descriptor, void* to, size_t most) {
  if (owner::owns(descriptor)) return fail(EAGAIN);
  return ::syscall(SYS_read, descriptor, to, most);
}

ssize_t write(int descriptor, const void* data, size_t size) {
  if (owner::owns(descriptor)) return static_cast<ssize_t>(size);
  return ::syscall(SYS_write, descriptor, data, size);
}

/// OpenSSL's: ids and tokens follow from the seed as well.
int RAND_bytes(unsigned char* to, int size) {
  for (int i = 0; i < size; ++i) to[i] = static_cast<unsigned char>(sys().choices().next());
  return 1;
}

}  // extern "C"
