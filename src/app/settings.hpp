#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <saker/app/web_application.hpp>

#include "app/endpoint.hpp"
#include "observe/log.hpp"

namespace saker::app {

/// What the environment or the command line has given: it wins over what the program sets.
struct given_settings {
  bool endpoints = false;
  bool threads = false;
  bool log_level = false;
  bool unix_socket_mode = false;
  bool shutdown_timeout = false;
};

/// What can be configured from outside the program.
struct settings {
  std::vector<endpoint> endpoints = parse_endpoints("http://localhost:5000");
  unsigned threads = 0;  ///< 0: the CPUs that the process may use.
  observe::log_level log_level = observe::log_level::information;
  std::chrono::milliseconds shutdown_timeout{30'000};
  unsigned unix_socket_mode = 0600;
  tls_options tls;
  given_settings given;

  /// The certificate that `./dev cert` makes, where nothing else was given; throws
  /// `std::invalid_argument` when a secure endpoint has none.
  void find_certificate();
};

/// Throw `std::invalid_argument` that says what is allowed.
unsigned parse_threads(std::string_view text);
observe::log_level parse_log_level(std::string_view text);
/// Permissions in octal digits.
unsigned parse_socket_mode(std::string_view text);
/// Seconds, also parts of them.
std::chrono::milliseconds parse_timeout(std::string_view text);

/// What the command line asked for besides.
enum class command { run, show_help, refuse };

struct command_line_result {
  command action = command::run;
  std::string text;  ///< The help, or one line that says what is wrong.
};

/// Applies the environment (SAKER_...), then the command line, which may have further options.
command_line_result apply_command_line(settings& target, int argc, const char* const* argv,
                                       const std::vector<command_line_option>& further);

}  // namespace saker::app
