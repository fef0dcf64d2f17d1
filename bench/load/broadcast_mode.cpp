#include <deque>
#include <optional>

#include "echo_reader.hpp"
#include "handshake.hpp"
#include "load_error.hpp"
#include "modes.hpp"
#include "poller.hpp"
#include "server_process.hpp"
#include "snapshot.hpp"
#include "wire.hpp"

namespace saker_load {

namespace {

using namespace std::chrono_literals;
using seconds = std::chrono::duration<double>;

/// Gets what is broadcast.
struct member {
  wire socket;
  echo_reader reader;
};

arguments to_sender(arguments options) {
  // A hub knows who sends.
  if (options.hub != hub_protocol::none && !options.bare) return options;
  options.url.path = options.url.path.substr(0, options.url.path.rfind('/')) + "/send";
  return options;
}

/// Rounds: the sender sends its burst, and every member gets all of it.
class broadcast_run {
 public:
  explicit broadcast_run(const arguments& options)
      : options_(options), sent_(options), server_(options.pid) {}

  report run() {
    for (std::size_t i = 0; i < options_.connections; ++i) {
      auto& added = members_.emplace_back(open_connection(options_), echo_reader(sent_));
      events_.add(added.socket.get(), &added);
    }
    sender_.emplace(open_connection(to_sender(options_)));
    rounds_until(seconds(options_.warmup));
    samples_.clear();
    const auto start = take_snapshot(deliveries_, {&server_, 1});
    rounds_until(seconds(options_.seconds));
    const auto end = take_snapshot(deliveries_, {&server_, 1});
    if (start.messages == end.messages) throw load_error("nothing came in the measured time");
    report result;
    result.add("mode", "broadcast")
        .add("connections", options_.connections)
        .add("size", options_.size)
        .add("burst", options_.burst);
    add_costs(result, start, end, true);
    result.add("latency_p50_us", samples_.percentile(0.5))
        .add("latency_p99_us", samples_.percentile(0.99));
    return result;
  }

 private:
  void rounds_until(seconds duration) {
    const auto end = steady_clock::now() + duration;
    while (steady_clock::now() < end) round();
  }

  void round() {
    const auto begin = steady_clock::now();
    std::size_t size = 0;
    for (std::size_t i = 0; i < options_.burst; ++i) {
      size += sent_.wire_size(next_);
      next_ = (next_ + 1) % sent_.count();
    }
    sender_->send_all(sent_.wire(offset_, size));
    offset_ = (offset_ + size) % sent_.round_size();
    auto missing = options_.connections * options_.burst;
    while (missing != 0) {
      // Never asleep, so that no server is charged with waking it up.
      for (const auto& event : events_.wait(0ms)) {
        auto& each = *static_cast<member*>(event.data.ptr);
        const auto received = each.socket.receive_now();
        if (received.end_of_stream()) throw load_error("the server closed a connection");
        const auto messages = each.reader.read(received.data);
        if (messages > missing) throw load_error("more messages than were sent");
        missing -= messages;
        deliveries_ += messages;
      }
      if (steady_clock::now() - begin > 10s) throw load_error("messages that never came");
    }
    samples_.add(steady_clock::now() - begin);
  }

  const arguments& options_;
  messages sent_;
  server_process server_;
  poller events_;
  std::deque<member> members_;
  std::optional<wire> sender_;
  std::size_t next_ = 0;
  std::size_t offset_ = 0;
  std::size_t deliveries_ = 0;
  latencies samples_;
};

}  // namespace

report run_broadcast(const arguments& options) { return broadcast_run(options).run(); }

}  // namespace saker_load
