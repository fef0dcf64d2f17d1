#include "explore.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>

namespace saker::simulation {
namespace {

constexpr unsigned longest_run = 120;  ///< Seconds of real time; more means that it hangs.

/// The virtual clock is the world's: this one goes on.
double wall_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

pid_t start(const scenario& what, bool silent) {
  std::fflush(nullptr);
  const auto child = ::fork();
  if (child != 0) return child;
  if (silent) {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
  }
  ::alarm(longest_run);
  {
    world one(what);
    one.run();
  }
  std::exit(0);  // With the check for leaks of the sanitizer, where there is one.
}

bool fails(const scenario& what, bool silent) {
  int status = 0;
  ::waitpid(start(what, silent), &status, 0);
  if (status != 0 && !silent && WIFSIGNALED(status)) {
    std::fprintf(stderr, "FAILED %s\n  it ended by signal %d%s\n", what.arguments().c_str(),
                 WTERMSIG(status), WTERMSIG(status) == SIGALRM ? ": it hangs" : "");
  }
  return status != 0;
}

void without_parts(scenario& what) {
  for (std::size_t i = 0; i < std::size(part_names); ++i) {
    auto smaller = what;
    smaller.without.insert(static_cast<part>(i));
    if (fails(smaller, true)) what = smaller;
  }
}

void without_clients(scenario& what) {
  if (what.clients.empty()) {
    for (std::size_t i = 0; i < most_clients; ++i) what.clients.insert(i);
  }
  for (std::size_t i = 0; i < most_clients; ++i) {
    auto smaller = what;
    if (smaller.clients.size() == 1 || smaller.clients.erase(i) == 0) continue;
    if (fails(smaller, true)) what = smaller;
  }
}

unsigned processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
  return static_cast<unsigned>(CPU_COUNT(&allowed));
}

class explorer {
 public:
  explicit explorer(scenario next) : next_(std::move(next)) {}

  int run(double until) {
    const auto side_by_side = processors();
    while (!failed_ && wall_seconds() < until) {
      while (running_.size() < side_by_side) begin();
      end_one();
    }
    while (!running_.empty()) end_one();
    std::printf("%llu seeds, up to %llu\n", static_cast<unsigned long long>(done_),
                static_cast<unsigned long long>(next_.seed - 1));
    if (!failed_) return 0;
    auto one = next_;
    one.seed = *failed_;
    return shrink(one);
  }

 private:
  void begin() {
    running_[start(next_, true)] = next_.seed;
    ++next_.seed;
  }
  void end_one() {
    int status = 0;
    const auto child = ::waitpid(-1, &status, 0);
    const auto found = running_.find(child);
    if (found == running_.end()) return;
    ++done_;
    if (status != 0) failed_ = std::min(failed_.value_or(found->second), found->second);
    running_.erase(found);
  }

  scenario next_;
  std::map<pid_t, std::uint64_t> running_;
  std::optional<std::uint64_t> failed_;
  std::uint64_t done_ = 0;
};

}  // namespace

int shrink(const scenario& failing) {
  if (!fails(failing, false)) {
    std::printf("%s does not fail.\n", failing.arguments().c_str());
    return 0;
  }
  auto smallest = failing;
  without_parts(smallest);
  without_clients(smallest);
  without_parts(smallest);
  std::fprintf(stderr, "It needs no more than this: ./dev simulate %s\n",
               smallest.arguments().c_str());
  smallest.trace = true;
  fails(smallest, false);
  return 1;
}

int explore(const scenario& from, double seconds) {
  return explorer(from).run(wall_seconds() + seconds);
}

}  // namespace saker::simulation
