#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace saker::core {

enum class log_level { debug, information, warning, error, off };

/// Writes one line to the process's log (standard output). Thread-safe.
void log(log_level level, std::string_view text);
bool log_enabled(log_level level) noexcept;
void set_log_level(log_level level) noexcept;

/// The text of an exception for a log line.
std::string describe(const std::exception_ptr& exception);

}  // namespace saker::core
