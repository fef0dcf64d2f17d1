#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <exception>
#include <iostream>
#include <string_view>

#include "arguments.hpp"
#include "load_error.hpp"
#include "modes.hpp"
#include "sockets.hpp"

namespace {

using namespace saker_load;

#ifdef __clang__
constexpr auto compiler = "clang " __clang_version__;
#else
constexpr auto compiler = "g++ " __VERSION__;
#endif

extern "C" void on_time_limit(int /*signal*/) {
  constexpr char text[] = "saker-load: the server is stuck: the time limit was reached\n";
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, text, sizeof text - 1);
  ::_exit(1);
}

// Every wait has a limit of its own; this one ends a server that answers, but ever so slowly.
void limit_time(const arguments& options) {
  const auto per_round = 30 + options.connections / 100;
  const auto seconds = options.mode == mode::churn
                           ? options.rounds * per_round
                           : per_round + static_cast<std::size_t>(options.warmup + options.seconds);
  std::signal(SIGALRM, on_time_limit);
  ::alarm(static_cast<unsigned>(seconds));
}

report run(const arguments& options) {
  switch (options.mode) {
    case mode::echo: return run_echo(options);
    case mode::idle: return run_idle(options);
    case mode::churn: return run_churn(options);
    case mode::broadcast: return run_broadcast(options);
  }
  throw usage_error("no such mode");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 2 && argv[1] == std::string_view("--version")) {
      std::cout << "saker-load, built by " << compiler << std::endl;
      return 0;
    }
    const auto options = parse_arguments(argc, argv);
    const auto churn = options.mode == mode::churn;
    raise_descriptor_limit(churn ? options.concurrency : options.connections);
    limit_time(options);
    std::cout << run(options).json() << std::endl;
    return 0;
  } catch (const usage_error& error) {
    std::cerr << "saker-load: " << error.what() << "\n\n" << usage;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "saker-load: " << error.what() << '\n';
    return 1;
  }
}
