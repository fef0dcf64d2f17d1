#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <span>

#include "descriptor.hpp"
#include "load_error.hpp"

namespace saker_load {

/// Level-triggered epoll. What is registered is a pointer to the caller's own connection.
class poller {
 public:
  poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_.get() < 0) throw_errno("epoll_create1");
  }

  void add(int fd, void* connection) { control(EPOLL_CTL_ADD, fd, EPOLLIN, connection); }

  void watch_writable(int fd, void* connection, bool wanted) {
    control(EPOLL_CTL_MOD, fd, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, connection);
  }

  std::span<const epoll_event> wait(std::chrono::milliseconds limit) {
    const auto count = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()),
                                    static_cast<int>(limit.count()));
    if (count < 0 && errno != EINTR) throw_errno("epoll_wait");
    return {events_.data(), static_cast<std::size_t>(count < 0 ? 0 : count)};
  }

 private:
  void control(int operation, int fd, unsigned events, void* connection) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = connection;
    if (::epoll_ctl(epoll_.get(), operation, fd, &event) != 0) throw_errno("epoll_ctl");
  }

  descriptor epoll_;
  std::array<epoll_event, 512> events_{};
};

}  // namespace saker_load
