#include "load_meter.hpp"

#include <sys/resource.h>

namespace {

std::chrono::nanoseconds time_of(const timeval& from) {
  return std::chrono::seconds(from.tv_sec) + std::chrono::microseconds(from.tv_usec);
}

}  // namespace

load_sample load_meter::take() {
  using namespace std::chrono_literals;
  const std::scoped_lock lock(mutex_);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto cpu = time_of(usage.ru_utime) + time_of(usage.ru_stime);
  const auto now = std::chrono::steady_clock::now();
  // Several pages ask; a time that is too short would measure nothing.
  if (const auto passed = now - last_time_; passed >= 100ms) {
    last_percent_ = 100.0 * std::chrono::duration<double>(cpu - last_cpu_) /
                    std::chrono::duration<double>(passed);
    last_time_ = now;
    last_cpu_ = cpu;
  }
  load_sample sample;
  sample.cpu_percent = last_percent_;
  sample.memory_megabytes = static_cast<std::size_t>(usage.ru_maxrss) / 1024;
  return sample;
}
