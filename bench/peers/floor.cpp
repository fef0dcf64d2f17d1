// The floor: what the kernel alone costs. A bare level-triggered epoll loop on one thread that
// sends back every byte it receives; no HTTP, no WebSocket, one receive buffer for all.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::system_category(), what);
  return result;
}

void set_interest(int epoll, int operation, int fd, unsigned events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  checked(::epoll_ctl(epoll, operation, fd, &event), "epoll_ctl");
}

int listen_on(std::uint16_t port) {
  const int fd =
      checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  checked(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(::listen(fd, SOMAXCONN), "listen");
  return fd;
}

std::uint16_t port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  checked(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

// Returns the bytes taken, 0 when none fit now, -1 when the connection is broken.
ssize_t send_some(int fd, std::string_view data) {
  const auto sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
  return sent < 0 && errno == EAGAIN ? 0 : sent;
}

class echo_loop {
 public:
  explicit echo_loop(int listener)
      : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")), listener_(listener) {
    set_interest(epoll_, EPOLL_CTL_ADD, listener, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 512> events{};
    for (;;) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) on_event(events[static_cast<std::size_t>(i)]);
    }
  }

 private:
  void on_event(const epoll_event& event) {
    const int fd = event.data.fd;
    if (fd == listener_) {
      accept_all();
    } else if ((event.events & EPOLLOUT) != 0 ? !on_writable(fd) : !on_readable(fd)) {
      ::close(fd);
    }
  }

  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const auto index = static_cast<std::size_t>(fd);
      if (backlogs_.size() <= index) backlogs_.resize(index + 1);
      backlogs_[index].clear();
      set_interest(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN);
    }
  }

  // These two return whether the connection lives on.
  bool on_readable(int fd) {
    const auto received = ::recv(fd, buffer_.data(), buffer_.size(), 0);
    if (received <= 0) return received < 0 && errno == EAGAIN;
    const std::string_view data(buffer_.data(), static_cast<std::size_t>(received));
    const auto sent = send_some(fd, data);
    if (sent < 0) return false;
    if (sent < received) {
      backlogs_[static_cast<std::size_t>(fd)] = data.substr(static_cast<std::size_t>(sent));
      set_interest(epoll_, EPOLL_CTL_MOD, fd, EPOLLOUT);
    }
    return true;
  }

  bool on_writable(int fd) {
    auto& backlog = backlogs_[static_cast<std::size_t>(fd)];
    const auto sent = send_some(fd, backlog);
    if (sent < 0) return false;
    backlog.erase(0, static_cast<std::size_t>(sent));
    if (backlog.empty()) set_interest(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN);
    return true;
  }

  int epoll_;
  int listener_;
  std::vector<char> buffer_ = std::vector<char>(262'144);
  // By descriptor, what a short write left; a connection is not read from until it is gone.
  std::vector<std::string> backlogs_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const int listener = listen_on(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
    std::cout << "Now listening on: http://127.0.0.1:" << port_of(listener) << std::endl;
    echo_loop(listener).run();
  } catch (const std::exception& error) {
    std::cerr << "saker-bench-floor: " << error.what() << '\n';
    return 1;
  }
}
