#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <mutex>

/// How busy the server is.
struct load_sample {
  double cpu_percent = 0;  ///< Of one CPU, since the sample before.
  std::size_t memory_megabytes = 0;
  std::size_t connections = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(load_sample, cpu_percent, memory_megabytes, connections)

/// Measures the process that it runs in. Any thread.
class load_meter {
 public:
  load_sample take();

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point last_time_ = std::chrono::steady_clock::now();
  std::chrono::nanoseconds last_cpu_{0};
  double last_percent_ = 0;
};
