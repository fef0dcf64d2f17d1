#include "observe/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

#include "async/failure.hpp"

namespace saker::observe {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("saker",
                                                 std::make_shared<spdlog::sinks::stdout_sink_mt>());
    made->set_pattern("%Y-%m-%d %H:%M:%S.%e %-5l %v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum translate(log_level level) noexcept {
  switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::information: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
    case log_level::off: break;
  }
  return spdlog::level::off;
}

void log_failure(std::string_view what, const std::exception_ptr& exception) {
  log(log_level::error, std::string(what) + ": " + describe(exception));
}

// `async`, which is below, knows no log.
[[maybe_unused]] const bool is_told_of_failures = [] {
  async::set_failure_listener(log_failure);
  return true;
}();

}  // namespace

void log(log_level level, std::string_view text) {
  if (!log_enabled(level)) return;
  const auto line = log_text(text);
  logger().log(translate(level), spdlog::string_view_t(line.data(), line.size()));
}

bool log_enabled(log_level level) noexcept { return logger().should_log(translate(level)); }

void set_log_level(log_level level) noexcept { logger().set_level(translate(level)); }

std::string describe(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace saker::observe
