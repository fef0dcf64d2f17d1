#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace saker::observe {

enum class log_level { debug, information, warning, error, off };

/// Writes one line to the process's log (standard output), whatever the text holds: it goes there
/// as `log_text` shows it. Thread-safe.
void log(log_level level, std::string_view text);
bool log_enabled(log_level level) noexcept;
void set_log_level(log_level level) noexcept;

/// A text as it is logged, so that nobody can forge a line or command a terminal with a name that
/// he has chosen (CWE-117): control characters, line separators, characters that change the
/// direction of writing and what is no UTF-8 become `\n` or `\xNN`, a backslash is doubled, and
/// what is beyond `longest_log_text` bytes is cut off.
std::string log_text(std::string_view text);
inline constexpr std::size_t longest_log_text = 8 * 1024;

/// The text of an exception for a log line.
std::string describe(const std::exception_ptr& exception);

/// What a peer or the system can bring about time and again is logged once a second. The others
/// are counted, told with the next line, and shown at debug level.
///
/// Owner: who logs, one for each kind. Thread rule: any thread.
class rare_log_line {
 public:
  using clock = std::chrono::steady_clock;

  void log(log_level level, std::string_view text);
  /// The same without writing: what is to be logged now, or nothing.
  std::string due(std::string_view text, clock::time_point now);

 private:
  std::atomic<clock::rep> next_ = clock::time_point::min().time_since_epoch().count();
  std::atomic<std::uint64_t> left_out_ = 0;
};

}  // namespace saker::observe
