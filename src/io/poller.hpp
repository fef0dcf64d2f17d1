#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace saker::io {

/// What the poller tells about a descriptor. The implementer owns the descriptor and must remove
/// it from the poller before it closes it.
class pollable {
 public:
  struct readiness {
    bool readable;
    bool writable;
    bool peer_ended;  ///< Asked for while reading is not (see `interest`).
    bool broken;      ///< An error or hang-up, which the system reports whether asked for or not.
  };
  virtual void on_ready(readiness ready) = 0;

 protected:
  ~pollable() = default;
};

/// What is asked for. The end of the peer shows when what it sent has been read; who does not read
/// may ask for it alone.
struct interest {
  bool readable = false;
  bool writable = false;
  bool peer_ended = false;
  bool once = false;  ///< Tell what lasts once, and not again and again.

  bool operator==(const interest&) const = default;
};

/// Level-triggered readiness of many descriptors: what the platform must give besides Asio.
///
/// Asio re-arms a descriptor with a system call for every wait, which costs about 5 % of a small
/// echo. This poller keeps descriptors armed; its own descriptor is what Asio watches. On another
/// platform this file is the one to port (kqueue, or Asio's own waits).
class poller {
 public:
  poller();
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  int native_handle() const noexcept { return descriptor_; }

  void add(int descriptor, pollable& target, interest in);
  void modify(int descriptor, pollable& target, interest in) noexcept;
  void remove(int descriptor, pollable& target) noexcept;

  /// Delivers what is ready now, without waiting; returns the number of descriptors served.
  std::size_t poll();

 private:
  static constexpr std::size_t batch_size = 256;
  struct batch;

  int descriptor_;
  batch* current_ = nullptr;
};

}  // namespace saker::io
