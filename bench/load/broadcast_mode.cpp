#include <algorithm>
#include <deque>
#include <optional>

#include "echo_reader.hpp"
#include "handshake.hpp"
#include "hub.hpp"
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

/// Gets what is sent.
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

/// Rounds: each sender sends its burst, and everybody whom it is for gets it.
class broadcast_run {
 public:
  explicit broadcast_run(const arguments& options) : options_(options), sent_(options) {
    for (const auto pid : options.pids) servers_.emplace_back(pid);
    if (options.redis_pid != 0) redis_.emplace(options.redis_pid);
  }

  report run() {
    for (std::size_t i = 0; i < options_.connections; ++i) add_member(i);
    for (std::size_t i = 0; i < (options_.each_sends ? options_.urls.size() : 1); ++i) {
      senders_.push_back(open_connection(to_sender(on_server(i))));
    }
    rounds_until(seconds(options_.warmup));
    samples_.clear();
    published_ = 0;
    const auto redis_start = redis_ ? redis_->cpu_time() : 0ns;
    const auto start = take_snapshot(deliveries_, servers_);
    rounds_until(seconds(options_.seconds));
    const auto end = take_snapshot(deliveries_, servers_);
    const auto redis_time = (redis_ ? redis_->cpu_time() : 0ns) - redis_start;
    if (start.messages == end.messages) throw load_error("nothing came in the measured time");
    report result;
    result.add("mode", "broadcast")
        .add("servers", options_.urls.size())
        .add("connections", options_.connections)
        .add("groups", options_.groups)
        .add("size", options_.size)
        .add("burst", options_.burst);
    add_costs(result, start, end, true);
    const auto published = static_cast<double>(published_);
    result.add("published_per_second", published / seconds(end.time - start.time).count())
        .add("redis_cpu_us_per_publish",
             std::chrono::duration<double, std::micro>(redis_time).count() / published)
        .add("redis_cpu_share", seconds(redis_time) / (end.time - start.time))
        .add("latency_p50_us", samples_.percentile(0.5))
        .add("latency_p99_us", samples_.percentile(0.99));
    return result;
  }

 private:
  arguments on_server(std::size_t index) const {
    auto options = options_;
    options.url = options_.urls[index % options_.urls.size()];
    return options;
  }

  void add_member(std::size_t index) {
    auto& added = members_.emplace_back(open_connection(on_server(index)), echo_reader(sent_));
    if (options_.groups != 0) {
      const auto group = index / options_.urls.size() % options_.groups;
      added.socket.send_all(hub_call(options_, "j", "Join", {"g" + std::to_string(group)}));
      // Its completion: a frame as short as this one has a head of two bytes.
      std::string answer;
      while (answer.size() < 2 ||
             answer.size() < 2 + static_cast<std::size_t>(static_cast<unsigned char>(answer[1]))) {
        const auto data = added.socket.receive_some();
        if (data.empty()) throw load_error("the hub closed a connection that joined a group");
        answer += data;
      }
      if (answer.find("error") != std::string::npos) throw load_error("no group can be joined");
    }
    events_.add(added.socket.get(), &added);
  }

  void rounds_until(seconds duration) {
    const auto end = steady_clock::now() + duration;
    while (steady_clock::now() < end) round();
  }

  /// What a sender says, and how many shall hear it.
  std::size_t send_burst(wire& sender) {
    if (options_.groups == 0) {
      send_to_all(sender);
    } else {
      send_to_groups(sender);
    }
    published_ += options_.burst;
    const auto audience = options_.connections / std::max<std::size_t>(options_.groups, 1);
    return options_.burst * audience / senders_.size();
  }

  void send_to_all(wire& sender) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < options_.burst; ++i) {
      size += sent_.wire_size(next_);
      next_ = (next_ + 1) % sent_.count();
    }
    sender.send_all(sent_.wire(offset_, size));
    offset_ = (offset_ + size) % sent_.round_size();
  }

  void send_to_groups(wire& sender) {
    std::string frames;
    for (std::size_t i = 0; i < options_.burst; ++i) {
      const auto group = "g" + std::to_string(next_group_++ % options_.groups);
      frames += hub_call(options_, "", "SendGroup", {group, hub_argument(options_)});
    }
    sender.send_all(frames);
  }

  void round() {
    const auto begin = steady_clock::now();
    std::size_t missing = 0;
    for (auto& each : senders_) missing += send_burst(each);
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
  std::vector<server_process> servers_;
  std::optional<server_process> redis_;
  poller events_;
  std::deque<member> members_;
  std::vector<wire> senders_;
  std::size_t next_ = 0;
  std::size_t offset_ = 0;
  std::size_t next_group_ = 0;
  std::size_t deliveries_ = 0;
  std::size_t published_ = 0;
  latencies samples_;
};

}  // namespace

report run_broadcast(const arguments& options) { return broadcast_run(options).run(); }

}  // namespace saker_load
