#pragma once

#include <exception>
#include <string_view>

namespace saker::async {

/// Who is told of an exception that nobody is left to catch: that of a spawned task, or of a posted
/// function. `what` says which.
using failure_listener = void (*)(std::string_view what, const std::exception_ptr& exception);

/// One for the process, which the log sets. Without one such exceptions go to standard error.
void set_failure_listener(failure_listener listener) noexcept;
void report_failure(std::string_view what, const std::exception_ptr& exception);

}  // namespace saker::async
