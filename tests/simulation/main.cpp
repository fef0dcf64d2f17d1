#include <sys/personality.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bodies.hpp"
#include "explore.hpp"
#include "tls_end.hpp"
#include "world.hpp"

namespace saker::simulation {
namespace {

struct arguments {
  scenario what;
  std::uint64_t count = 1;
  bool quiet = false;
  bool twice = false;
  bool shrinks = false;
  double explores = 0;  ///< Seconds.
};

part part_of(std::string_view name) {
  for (std::size_t i = 0; i < std::size(part_names); ++i) {
    if (part_names[i] == name) return static_cast<part>(i);
  }
  throw std::invalid_argument("There is no part '" + std::string(name) + "'.");
}

template <class Function>
void for_each_in(std::string_view list, Function&& function) {
  while (!list.empty()) {
    const auto end = list.find(',');
    function(list.substr(0, end));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
}

arguments read_arguments(int argc, char** argv) {
  arguments all;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const auto value = [&] {
      if (i + 1 == argc) throw std::invalid_argument(std::string(name) + " needs a value.");
      return std::string_view(argv[++i]);
    };
    if (name == "--seed") {
      all.what.seed = to_number(value());
    } else if (name == "--count") {
      all.count = to_number(value());
    } else if (name == "--clients") {
      for_each_in(value(), [&](std::string_view one) { all.what.clients.insert(to_number(one)); });
    } else if (name == "--without") {
      for_each_in(value(), [&](std::string_view one) { all.what.without.insert(part_of(one)); });
    } else if (name == "--trace") {
      all.what.trace = true;
    } else if (name == "--quiet") {
      all.quiet = true;
    } else if (name == "--shrink") {
      all.shrinks = true;
    } else if (name == "--explore") {
      all.explores = static_cast<double>(to_number(value()));
    } else if (name == "--twice") {
      all.twice = true;
    } else {
      throw std::invalid_argument("There is no option " + std::string(name) + ".");
    }
  }
  return all;
}

double processor_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

outcome run_world(const scenario& what) {
  world one(what);
  return one.run();
}

int run(const arguments& all) {
  auto what = all.what;
  std::uint64_t steps = 0;
  nanoseconds time = 0;
  for (std::uint64_t i = 0; i < all.count; ++i, ++what.seed) {
    if (!all.quiet) {
      std::printf("seed %llu ", static_cast<unsigned long long>(what.seed));
      std::fflush(stdout);
    }
    const auto result = run_world(what);
    steps += result.steps;
    time += result.time;
    if (!all.quiet) {
      std::printf("%zu clients, %llu steps, %lld s, %016llx\n", result.clients,
                  static_cast<unsigned long long>(result.steps),
                  static_cast<long long>(result.time / second),
                  static_cast<unsigned long long>(result.fingerprint));
    }
    if (all.twice && run_world(what).fingerprint != result.fingerprint) {
      std::fprintf(stderr, "FAILED %s\n  it went another way the second time\n",
                   what.arguments().c_str());
      return 1;
    }
  }
  const auto spent = processor_seconds();
  std::printf("%llu seeds, %.0f s of virtual time, %llu steps in %.2f s: %.0f a second\n",
              static_cast<unsigned long long>(all.count), static_cast<double>(time) / second,
              static_cast<unsigned long long>(steps), spent,
              static_cast<double>(steps) / (spent * (all.twice ? 0.5 : 1)));
  return 0;
}

int start(const arguments& all) {
  // Once for all worlds, and before the first one draws: it would take another course than others.
  server_certificate_file();
  if (all.explores > 0) return explore(all.what, all.explores);
  if (all.shrinks) return shrink(all.what);
  return run(all);
}

/// Addresses would be another source of choices.
void fix_addresses(char** argv) {
  const int now = ::personality(0xffffffff);
  if (now < 0 || (now & ADDR_NO_RANDOMIZE) != 0) return;
  if (::personality(static_cast<unsigned>(now) | ADDR_NO_RANDOMIZE) < 0) return;
  ::execv("/proc/self/exe", argv);
}

}  // namespace
}  // namespace saker::simulation

int main(int argc, char** argv) {
  saker::simulation::fix_addresses(argv);
  try {
    return saker::simulation::start(saker::simulation::read_arguments(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
