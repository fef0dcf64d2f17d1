#include <memory>
#include <optional>
#include <vector>

#include "echo_connection.hpp"
#include "handshake.hpp"
#include "http2_connection.hpp"
#include "load_error.hpp"
#include "modes.hpp"
#include "rapid_reset.hpp"
#include "server_process.hpp"
#include "snapshot.hpp"
#include "sockets.hpp"

namespace saker_load {

namespace {

using namespace std::chrono_literals;
using seconds = std::chrono::duration<double>;

class echo_run {
 public:
  explicit echo_run(const arguments& options) : options_(options), sent_(options) {
    if (options.pid != 0) server_.emplace(options.pid);
  }

  report run() {
    for (std::size_t i = 0; i < options_.connections; ++i) connections_.push_back(connect());
    for (auto& connection : connections_) connection->send(options_.depth);
    if (options_.attack) attacker_.emplace(options_);
    turn_until(seconds(options_.warmup));
    samples_.clear();
    const auto start = now();
    turn_until(seconds(options_.seconds));
    const auto end = now();
    drain();
    return describe(start, end);
  }

 private:
  std::unique_ptr<load_connection> connect() {
    if (!options_.http2) {
      return std::make_unique<echo_connection>(open_connection(options_), sent_, events_);
    }
    auto made = std::make_unique<http2_connection>(options_, sent_, options_.streams);
    made->watch(events_);
    return made;
  }

  snapshot now() const {
    return take_snapshot(messages_,
                         server_ ? std::span(&*server_, 1) : std::span<server_process>());
  }

  void turn_until(seconds duration) {
    const auto end = steady_clock::now() + duration;
    while (steady_clock::now() < end) turn(true);
  }

  // No accepted message may be lost: every one in flight has to come back.
  void drain() {
    const auto deadline = steady_clock::now() + 10s;
    for (auto& connection : connections_) {
      while (connection->in_flight() != 0) {
        if (steady_clock::now() > deadline) throw load_error("messages that were never echoed");
        turn(false);
      }
    }
  }

  void turn(bool send_again) {
    if (attacker_) attacker_->push();
    for (const auto& event : events_.wait(attacker_ ? 0ms : 10ms)) {
      auto& connection = *static_cast<load_connection*>(event.data.ptr);
      if ((event.events & EPOLLOUT) != 0) connection.on_writable();
      if ((event.events & ~static_cast<unsigned>(EPOLLOUT)) != 0) {
        messages_ += connection.on_readable(samples_, send_again);
      }
    }
  }

  report describe(const snapshot& start, const snapshot& end) {
    if (end.messages == start.messages) {
      throw load_error("no echo came back in the measured time");
    }
    report result;
    result.add("mode", "echo")
        .add("connections", options_.connections)
        .add("size", options_.size)
        .add("depth", options_.depth);
    add_costs(result, start, end, server_.has_value());
    result.add("latency_p50_us", samples_.percentile(0.5))
        .add("latency_p99_us", samples_.percentile(0.99));
    if (attacker_) {
      result.add("attack_resets", attacker_->resets()).add("attack_cut_off", attacker_->cut_off());
    }
    return result;
  }

  const arguments& options_;
  messages sent_;
  std::optional<server_process> server_;
  poller events_;
  std::vector<std::unique_ptr<load_connection>> connections_;
  latencies samples_;
  std::optional<rapid_reset> attacker_;
  std::size_t messages_ = 0;
};

}  // namespace

report run_echo(const arguments& options) { return echo_run(options).run(); }

}  // namespace saker_load
