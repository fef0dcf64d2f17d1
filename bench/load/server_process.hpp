#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>

namespace saker_load {

/// What the system tells about the process under load.
class server_process {
 public:
  explicit server_process(pid_t pid);

  /// Time on CPU, user and system, of all its threads, those that have ended too.
  std::chrono::nanoseconds cpu_time() const;

  /// Time its threads were ready to run and had no CPU: other programs disturbed the run.
  std::chrono::nanoseconds wait_time() const;

  std::size_t resident_bytes() const;
  std::size_t descriptors() const;

  /// Resident bytes as soon as they have not moved for a second, at the latest after `limit`.
  std::size_t settled_resident_bytes(std::chrono::seconds limit) const;

 private:
  pid_t pid_;
  clockid_t clock_{};
};

std::chrono::nanoseconds own_cpu_time();

}  // namespace saker_load
