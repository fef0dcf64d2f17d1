#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "support/raw_client.hpp"

namespace saker::testing {

/// A program of the project in a process of its own, its output read by the test. It is ended with
/// the object, if it has not ended before.
class program {
 public:
  /// `environment` is added to the test's own ("NAME=value").
  explicit program(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment = {});
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  ~program();

  /// Reads standard output up to and with the text; throws when that does not come in time.
  std::string wait_for_output(const std::string& text);
  /// The port of the next "Now listening on" line.
  std::uint16_t wait_for_port();
  void signal(int number) const;
  /// Waits for the end and gives the exit code; throws when it does not come in time.
  int wait_for_exit();

  /// After the end: everything that was written and not taken yet.
  const std::string& output() const noexcept { return output_; }
  const std::string& errors() const noexcept { return errors_; }
  int pid() const noexcept { return pid_; }

 private:
  bool read_more(std::chrono::steady_clock::time_point deadline);

  int pid_ = -1;
  int output_pipe_ = -1;
  int error_pipe_ = -1;
  bool exited_ = false;
  std::string output_;
  std::string errors_;
};

}  // namespace saker::testing
