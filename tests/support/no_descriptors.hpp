#pragma once

#include <sys/resource.h>

#include <cerrno>
#include <system_error>

#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
#define SAKER_NEEDS_DESCRIPTORS true
#endif
#endif
#ifndef SAKER_NEEDS_DESCRIPTORS
#define SAKER_NEEDS_DESCRIPTORS false
#endif

namespace saker::testing {

/// The sanitizer of undefined behaviour takes a descriptor to see whether a pointer can be read.
inline constexpr bool needs_descriptors = SAKER_NEEDS_DESCRIPTORS;

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
