#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace saker::signalr {

/// The text with control characters and what is no ASCII as `\\xNN`, and of a bounded length: one
/// line, whoever has had a hand in it.
std::string in_one_line(std::string_view text);

/// Lines about failures that clients can cause as often as they like: one a second, which counts
/// the others. Any thread.
class failure_log {
 public:
  using clock = std::chrono::steady_clock;

  void write(std::string_view what, std::string_view why);
  /// The line to be written at that time, or nothing.
  std::string line(std::string_view what, std::string_view why, clock::time_point now);

 private:
  std::atomic<clock::rep> next_ = clock::time_point::min().time_since_epoch().count();
  std::atomic<std::uint64_t> left_out_ = 0;
};

}  // namespace saker::signalr
