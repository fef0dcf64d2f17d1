#include <deque>
#include <optional>

#include "echo_connection.hpp"
#include "handshake.hpp"
#include "load_error.hpp"
#include "modes.hpp"
#include "server_process.hpp"
#include "sockets.hpp"

namespace saker_load {

namespace {

using namespace std::chrono_literals;
using seconds = std::chrono::duration<double>;
using microseconds = std::chrono::duration<double, std::micro>;

struct snapshot {
  steady_clock::time_point time;
  std::size_t messages;
  std::chrono::nanoseconds server_cpu;
  std::chrono::nanoseconds server_wait;
  std::chrono::nanoseconds client_cpu;
};

class echo_run {
 public:
  explicit echo_run(const arguments& options)
      : options_(options), message_(options.size, options.depth, options.text, options.raw) {
    if (options.pid != 0) server_.emplace(options.pid);
  }

  report run() {
    for (std::size_t i = 0; i < options_.connections; ++i) {
      connections_.emplace_back(open_connection(options_), message_, events_);
    }
    for (auto& connection : connections_) connection.send(options_.depth);
    turn_until(seconds(options_.warmup));
    samples_.clear();
    const auto start = now();
    turn_until(seconds(options_.seconds));
    const auto end = now();
    drain();
    return describe(start, end);
  }

 private:
  snapshot now() const {
    return {.time = steady_clock::now(),
            .messages = messages_,
            .server_cpu = server_ ? server_->cpu_time() : 0ns,
            .server_wait = server_ ? server_->wait_time() : 0ns,
            .client_cpu = own_cpu_time()};
  }

  void turn_until(seconds duration) {
    const auto end = steady_clock::now() + duration;
    while (steady_clock::now() < end) turn(true);
  }

  // No accepted message may be lost: every one in flight has to come back.
  void drain() {
    const auto deadline = steady_clock::now() + 10s;
    for (auto& connection : connections_) {
      while (connection.in_flight() != 0) {
        if (steady_clock::now() > deadline) throw load_error("messages that were never echoed");
        turn(false);
      }
    }
  }

  void turn(bool send_again) {
    for (const auto& event : events_.wait(10ms)) {
      auto& connection = *static_cast<echo_connection*>(event.data.ptr);
      if ((event.events & EPOLLOUT) != 0) connection.on_writable();
      if ((event.events & ~static_cast<unsigned>(EPOLLOUT)) != 0) {
        messages_ += connection.on_readable(samples_, send_again);
      }
    }
  }

  report describe(const snapshot& start, const snapshot& end) {
    const auto messages = end.messages - start.messages;
    if (messages == 0) throw load_error("no echo came back in the measured time");
    const auto elapsed = seconds(end.time - start.time);
    const auto each = [&](auto from, auto to) {
      return microseconds(to - from).count() / static_cast<double>(messages);
    };
    report result;
    result.add("mode", "echo")
        .add("connections", options_.connections)
        .add("size", options_.size)
        .add("depth", options_.depth)
        .add("seconds", elapsed.count())
        .add("messages", messages)
        .add("messages_per_second", static_cast<double>(messages) / elapsed.count());
    if (server_) {
      result.add("server_cpu_us_per_message", each(start.server_cpu, end.server_cpu))
          .add("server_cpu_share", seconds(end.server_cpu - start.server_cpu) / elapsed)
          .add("server_wait_share", seconds(end.server_wait - start.server_wait) / elapsed);
    }
    result.add("client_cpu_us_per_message", each(start.client_cpu, end.client_cpu))
        .add("client_cpu_share", seconds(end.client_cpu - start.client_cpu) / elapsed)
        .add("latency_p50_us", samples_.percentile(0.5))
        .add("latency_p99_us", samples_.percentile(0.99));
    return result;
  }

  const arguments& options_;
  message message_;
  std::optional<server_process> server_;
  poller events_;
  std::deque<echo_connection> connections_;
  latencies samples_;
  std::size_t messages_ = 0;
};

}  // namespace

report run_echo(const arguments& options) { return echo_run(options).run(); }

}  // namespace saker_load
