#include <memory>
#include <string>
#include <thread>
#include <unordered_map>

#include "churn_connection.hpp"
#include "load_error.hpp"
#include "modes.hpp"
#include "server_process.hpp"
#include "sockets.hpp"

namespace saker_load {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class churn_round {
 public:
  churn_round(const arguments& options, const messages& sent)
      : options_(options), messages_(sent) {}

  void run() {
    auto last_progress = clock::now();
    while (ended_ < options_.connections) {
      start_more();
      if (turn()) last_progress = clock::now();
      if (clock::now() - last_progress > 10s) {
        throw load_error("no progress for ten seconds with " + std::to_string(ended_) + " of " +
                         std::to_string(options_.connections) + " connections done");
      }
    }
  }

 private:
  void start_more() {
    while (alive_.size() < options_.concurrency && started_ < options_.connections) {
      auto connection = std::make_unique<churn_connection>(options_, messages_, events_);
      alive_.emplace(connection.get(), std::move(connection));
      ++started_;
    }
  }

  bool turn() {
    const auto ready = events_.wait(1000ms);
    for (const auto& event : ready) {
      auto* connection = static_cast<churn_connection*>(event.data.ptr);
      if (!connection->on_readable()) continue;
      alive_.erase(connection);
      ++ended_;
    }
    return !ready.empty();
  }

  const arguments& options_;
  const messages& messages_;
  poller events_;
  std::unordered_map<churn_connection*, std::unique_ptr<churn_connection>> alive_;
  std::size_t started_ = 0;
  std::size_t ended_ = 0;
};

// The server may see the end of the last connections a little later than the client.
std::size_t settled_descriptors(const server_process& server, std::size_t expected) {
  const auto deadline = clock::now() + 5s;
  while (server.descriptors() > expected && clock::now() < deadline) {
    std::this_thread::sleep_for(50ms);
  }
  return server.descriptors();
}

}  // namespace

report run_churn(const arguments& options) {
  const server_process server(options.pid);
  const messages sent(options);
  const auto resident_before = server.resident_bytes();
  const auto descriptors_before = server.descriptors();
  std::string rounds;
  for (std::size_t i = 0; i < options.rounds; ++i) {
    const auto start = clock::now();
    churn_round(options, sent).run();
    const std::chrono::duration<double> elapsed = clock::now() - start;
    report round;
    round.add("seconds", elapsed.count())
        .add("descriptors", settled_descriptors(server, descriptors_before))
        .add("resident", server.settled_resident_bytes(5s));
    rounds += (rounds.empty() ? "" : ", ") + round.json();
  }
  report result;
  result.add("mode", "churn")
      .add("connections", options.connections)
      .add("concurrency", options.concurrency)
      .add("resident_before", resident_before)
      .add("descriptors_before", descriptors_before)
      .add_json("rounds", "[" + rounds + "]");
  return result;
}

}  // namespace saker_load
