#include "snapshot.hpp"

namespace saker_load {

namespace {

using namespace std::chrono_literals;
using seconds = std::chrono::duration<double>;
using microseconds = std::chrono::duration<double, std::micro>;

}  // namespace

snapshot take_snapshot(std::size_t messages, std::span<const server_process> servers) {
  snapshot taken{.time = steady_clock::now(),
                 .messages = messages,
                 .server_cpu = 0ns,
                 .server_wait = 0ns,
                 .client_cpu = own_cpu_time()};
  for (const auto& each : servers) {
    taken.server_cpu += each.cpu_time();
    taken.server_wait += each.wait_time();
  }
  return taken;
}

void add_costs(report& result, const snapshot& start, const snapshot& end, bool with_server) {
  const auto messages = end.messages - start.messages;
  const auto elapsed = seconds(end.time - start.time);
  const auto each = [&](auto from, auto to) {
    return microseconds(to - from).count() / static_cast<double>(messages);
  };
  result.add("seconds", elapsed.count())
      .add("messages", messages)
      .add("messages_per_second", static_cast<double>(messages) / elapsed.count());
  if (with_server) {
    result.add("server_cpu_us_per_message", each(start.server_cpu, end.server_cpu))
        .add("server_cpu_share", seconds(end.server_cpu - start.server_cpu) / elapsed)
        .add("server_wait_share", seconds(end.server_wait - start.server_wait) / elapsed);
  }
  result.add("client_cpu_us_per_message", each(start.client_cpu, end.client_cpu))
      .add("client_cpu_share", seconds(end.client_cpu - start.client_cpu) / elapsed);
}

}  // namespace saker_load
