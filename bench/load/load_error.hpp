#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace saker_load {

/// The server did not do what the measurement needs; ends the program with exit code 1.
struct load_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A wrong command line; ends the program with exit code 2.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] inline void throw_errno(const std::string& what) {
  throw load_error(what + ": " + std::system_category().message(errno));
}

}  // namespace saker_load
