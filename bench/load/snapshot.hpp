#pragma once

#include <chrono>
#include <cstddef>

#include "latency.hpp"
#include "report.hpp"
#include "server_process.hpp"

namespace saker_load {

/// The counters at one moment of a run.
struct snapshot {
  steady_clock::time_point time;
  std::size_t messages;
  std::chrono::nanoseconds server_cpu;
  std::chrono::nanoseconds server_wait;
  std::chrono::nanoseconds client_cpu;
};

/// Without a server its times are 0.
snapshot take_snapshot(std::size_t messages, const server_process* server);

/// What the messages between two moments took. There were some.
void add_costs(report& result, const snapshot& start, const snapshot& end, bool with_server);

}  // namespace saker_load
