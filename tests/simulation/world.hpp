#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <saker/async/event_loop.hpp>

#include "ledger.hpp"
#include "random.hpp"
#include "schedule.hpp"
#include "system.hpp"

namespace saker::app {
class worker;
}
namespace saker {
class web_application;
}

namespace saker::simulation {

class client;

/// What may be left out of a world, to find out what a failure needs.
enum class part : std::uint8_t {
  cuts,
  stalls,
  slow,
  lazy,
  garbled,
  leaving,
  floods,
  stop,
  loops,
  http1,
  http2,
  sockets,
  hubs,
  tls
};
inline constexpr std::string_view part_names[] = {"cuts",    "stalls",  "slow", "lazy",  "garbled",
                                                  "leaving", "floods",  "stop", "loops", "http1",
                                                  "http2",   "sockets", "hubs", "tls"};

/// A seed has between two and so many.
inline constexpr std::size_t most_clients = 10;

struct scenario {
  std::uint64_t seed = 1;
  std::set<std::size_t> clients = {};  ///< Empty: all of the seed's.
  std::set<part> without = {};
  bool trace = false;

  bool has(part what) const { return !without.contains(what); }
  std::string arguments() const;
};

struct outcome {
  std::uint64_t steps = 0;
  std::uint64_t fingerprint = 0;  ///< Of everything that happened; the same in every run of a seed.
  std::size_t clients = 0;
  nanoseconds time = 0;
};

/// One run of the server with its clients, from its start to its end: everything that happens in it
/// follows from the scenario.
///
/// A step is a turn of one event loop or one event of the network, a client or a foreign thread.
/// What is found wrong ends the process (`fail`).
class world {
 public:
  explicit world(const scenario& what);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  outcome run();

  static world* current() noexcept { return current_; }
  const scenario& what() const noexcept { return what_; }
  schedule& times() noexcept { return times_; }
  ledgers& books() noexcept { return books_; }
  nanoseconds now() const noexcept { return system::instance().now(); }
  random random_for(std::uint64_t tag) const noexcept { return random(what_.seed).fork(tag); }
  bool stopping() const noexcept { return stop_began_ != 0; }
  nanoseconds stop_began() const noexcept { return stop_began_; }
  /// When somebody trickled last: until then, who waits for all clients waits rightly.
  nanoseconds trickled_at() const noexcept { return trickled_at_; }

  /// Runs it later on no event loop, as a thread of the application would.
  void elsewhere(nanoseconds delay, std::function<void()> function);
  /// Runs it at once, as a thread of the application would in the middle of the turn of a loop.
  void meanwhile(std::function<void()> function);
  /// A loop of the application's own.
  event_loop& background() noexcept { return *background_; }
  void stop_server();

  void note(std::string_view what);
  [[noreturn]] void fail(std::string_view what);

  // For the workers of the server.
  void add_worker(app::worker& worker, std::function<void()> on_end);
  void join(app::worker& worker);

 private:
  struct driven {
    event_loop* loop;
    app::worker* worker;
    std::function<void()> on_end = {};
    nanoseconds pauses_until = 0;
    bool over = false;
  };

  void make_clients();
  void begin();
  void serve_clients();
  void let_all_leave();
  void end_server();
  /// One step; false: nothing will ever happen again before that time.
  bool step(nanoseconds until);
  bool turn_some_loop();
  void note_trickling();
  void check_clients();
  void check_memory();
  void check_nothing_left();
  bool server_is_empty() const;
  bool all_over() const;
  void mix(std::uint64_t value) noexcept;
  std::string describe_rest() const;

  static world* current_;

  const scenario what_;
  random choices_;
  schedule times_;
  ledgers books_;
  std::unique_ptr<event_loop> background_;
  std::unique_ptr<event_loop> other_thread_;  ///< Whatever is not the loop of a socket.
  std::unique_ptr<web_application> application_;
  std::vector<driven> loops_;
  std::vector<std::unique_ptr<client>> clients_;
  nanoseconds started_ = 0;
  nanoseconds stop_began_ = 0;
  nanoseconds trickled_at_ = 0;
  nanoseconds shutdown_timeout_ = 0;
  bool secure_ = false;  ///< Some of the clients use TLS.
  std::size_t memory_before_ = 0;
  std::size_t most_memory_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t fingerprint_ = 0;
};

}  // namespace saker::simulation
