#pragma once

#include <sys/resource.h>

#include <cerrno>
#include <system_error>

namespace saker::testing {

/// As long as it lives the process gets no new descriptor.
class no_descriptors {
 public:
  no_descriptors() {
    rlimit none{};
    if (::getrlimit(RLIMIT_NOFILE, &before_) != 0) fail();
    none.rlim_max = before_.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &none) != 0) fail();
  }
  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;
  ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  [[noreturn]] static void fail() {
    throw std::system_error(errno, std::generic_category(), "no_descriptors");
  }

  rlimit before_{};
};

}  // namespace saker::testing
