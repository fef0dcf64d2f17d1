#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "random.hpp"

namespace saker::simulation {

class link;

/// Nanoseconds of virtual time.
using nanoseconds = std::int64_t;
inline constexpr nanoseconds microsecond = 1000;
inline constexpr nanoseconds millisecond = 1000 * microsecond;
inline constexpr nanoseconds second = 1000 * millisecond;

/// Something that has a descriptor.
class file {
 public:
  enum class kind { listening_socket, server_socket, timer, event, event_poll };

  explicit file(kind what) noexcept : type(what) {}
  virtual ~file() = default;
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  /// EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLERR, EPOLLHUP: what it is ready for now.
  virtual std::uint32_t ready() const = 0;

  const kind type;
};

/// Every server has its listening sockets; a client that connects gets one of them by chance, as
/// with SO_REUSEPORT.
class listening_socket final : public file {
 public:
  static constexpr auto own_kind = kind::listening_socket;
  listening_socket() noexcept : file(own_kind) {}
  std::uint32_t ready() const override {
    return waiting.empty() ? 0U : static_cast<std::uint32_t>(EPOLLIN);
  }

  bool listening = false;
  std::uint16_t port = 0;
  std::vector<link*> waiting;
};

/// The server's end of a link.
class server_socket final : public file {
 public:
  static constexpr auto own_kind = kind::server_socket;
  explicit server_socket(link& over) noexcept : file(own_kind), over_(over) {}
  ~server_socket() override;
  std::uint32_t ready() const override;

  link& over() noexcept { return over_; }
  bool reset_at_close = false;

 private:
  link& over_;
};

class timer final : public file {
 public:
  static constexpr auto own_kind = kind::timer;
  timer() noexcept : file(own_kind) {}
  std::uint32_t ready() const override;

  nanoseconds due = 0;  ///< 0: not set.
};

/// An eventfd; Asio only ever looks whether it is there.
class event final : public file {
 public:
  static constexpr auto own_kind = kind::event;
  event() noexcept : file(own_kind) {}
  std::uint32_t ready() const override { return 0; }
};

class event_poll final : public file {
 public:
  static constexpr auto own_kind = kind::event_poll;
  event_poll() noexcept : file(own_kind) {}
  struct interest {
    int descriptor;
    epoll_event wanted;
    std::uint32_t reported = 0;  ///< With EPOLLET: what need not be told again.

    /// What there is to tell now.
    std::uint32_t news() const;
  };

  std::uint32_t ready() const override;
  std::vector<interest> interests;
};

/// What stands in for the operating system: descriptors and the clock. The functions of the C
/// library that the server calls lead here (interpose.cpp), so that the server is the real one from
/// its system calls on.
///
/// One for the process, begun anew for each world; all on one thread (but the clock).
class system {
 public:
  static constexpr int first_descriptor = 1 << 20;

  static system& instance();

  void restart(random choices);
  nanoseconds now() const noexcept { return now_.load(std::memory_order_relaxed); }
  void advance_to(nanoseconds time) noexcept { now_.store(time, std::memory_order_relaxed); }
  /// When the first timer is due that is not yet; -1: there is none.
  nanoseconds next_timer() const noexcept;

  static bool owns(int descriptor) noexcept { return descriptor >= first_descriptor; }
  int add(std::unique_ptr<file> made);
  file* find(int descriptor) noexcept;
  template <class T>
  T* find_as(int descriptor) noexcept {
    return as<T>(find(descriptor));
  }
  template <class T>
  static T* as(file* found) noexcept {
    return found && found->type == T::own_kind ? static_cast<T*>(found) : nullptr;
  }
  int close(int descriptor) noexcept;
  /// The server's ends of connections that are open, accepted or not.
  std::size_t open_sockets() const noexcept;

  /// False: nobody listens.
  bool connect(link& over, std::uint16_t port);
  int wait(event_poll& on, std::span<epoll_event> found);
  random& choices() noexcept { return choices_; }

 private:
  // Later than any real time, so that a real thread which waits until then waits.
  static constexpr nanoseconds beginning = 4'000'000'000 * second;

  std::atomic<nanoseconds> now_ = beginning;
  std::vector<std::unique_ptr<file>> files_;
  std::vector<timer*> timers_;
  std::vector<listening_socket*> listeners_;
  random choices_{0};
};

}  // namespace saker::simulation
