#pragma once

#include <chrono>
#include <cstddef>
#include <span>

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

/// The times of all of them together.
snapshot take_snapshot(std::size_t messages, std::span<const server_process> servers);

/// What the messages between two moments took. There were some.
void add_costs(report& result, const snapshot& start, const snapshot& end, bool with_server);

}  // namespace saker_load
