#include "io/poller.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace saker::io {

struct poller::batch {
  epoll_event events[batch_size];
  std::size_t count = 0;
};

namespace {

std::uint32_t flag(bool set, std::uint32_t value) noexcept { return set ? value : 0U; }

int control(int poller, int operation, int descriptor, pollable& target, interest in) noexcept {
  epoll_event event{};
  event.events = flag(in.readable, EPOLLIN) | flag(in.writable, EPOLLOUT) |
                 flag(in.peer_ended, EPOLLRDHUP) | flag(in.once, EPOLLET);
  event.data.ptr = &target;
  return ::epoll_ctl(poller, operation, descriptor, &event);
}

}  // namespace

poller::poller() : descriptor_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
}

poller::~poller() { ::close(descriptor_); }

void poller::add(int descriptor, pollable& target, interest in) {
  if (control(descriptor_, EPOLL_CTL_ADD, descriptor, target, in) != 0) {
    throw std::system_error(errno, std::system_category(), "epoll_ctl");
  }
}

void poller::modify(int descriptor, pollable& target, interest in) noexcept {
  control(descriptor_, EPOLL_CTL_MOD, descriptor, target, in);
}

void poller::remove(int descriptor, pollable& target) noexcept {
  control(descriptor_, EPOLL_CTL_DEL, descriptor, target, {});
  if (!current_) return;
  for (std::size_t i = 0; i < current_->count; ++i) {
    if (current_->events[i].data.ptr == &target) current_->events[i].data.ptr = nullptr;
  }
}

std::size_t poller::poll() {
  batch ready;
  const int count = ::epoll_wait(descriptor_, ready.events, static_cast<int>(batch_size), 0);
  if (count <= 0) return 0;
  ready.count = static_cast<std::size_t>(count);
  current_ = &ready;
  for (std::size_t i = 0; i < ready.count; ++i) {
    auto* target = static_cast<pollable*>(ready.events[i].data.ptr);
    if (!target) continue;
    const auto events = ready.events[i].events;
    target->on_ready({(events & EPOLLIN) != 0, (events & EPOLLOUT) != 0, (events & EPOLLRDHUP) != 0,
                      (events & (EPOLLERR | EPOLLHUP)) != 0});
  }
  current_ = nullptr;
  return ready.count;
}

}  // namespace saker::io
