#include "app/settings.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace saker::app {
namespace {

/// Applies one value; a fault names the option, the value and what is allowed.
template <class Apply>
void apply(const std::string& option, const std::string& value, Apply&& with) {
  try {
    with(value);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(option + " '" + value + "': " + error.what());
  }
}

void add_option(CLI::App& parser, const command_line_option& option) {
  if (auto* const* flag = std::get_if<bool*>(&option.target)) {
    parser.add_flag(option.name, **flag, option.help);
  } else {
    parser.add_option(option.name, *std::get<std::string*>(option.target), option.help);
  }
}

std::string one_line(std::string text) {
  for (auto& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace

unsigned parse_threads(std::string_view text) {
  unsigned threads = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
  if (error != std::errc() || end != text.data() + text.size() || threads < 1 || threads > 1024) {
    throw std::invalid_argument("the number of threads must be from 1 to 1024.");
  }
  return threads;
}

observe::log_level parse_log_level(std::string_view text) {
  constexpr std::pair<std::string_view, observe::log_level> levels[] = {
      {"debug", observe::log_level::debug},
      {"information", observe::log_level::information},
      {"warning", observe::log_level::warning},
      {"error", observe::log_level::error},
      {"off", observe::log_level::off}};
  for (const auto& [name, level] : levels) {
    if (name == text) return level;
  }
  throw std::invalid_argument("the log level must be debug, information, warning, error or off.");
}

unsigned parse_socket_mode(std::string_view text) {
  unsigned mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc() || end != text.data() + text.size() || mode > 0777) {
    throw std::invalid_argument("the mode must be from 0 to 777, in octal digits.");
  }
  return mode;
}

std::chrono::milliseconds parse_timeout(std::string_view text) {
  constexpr double longest = 365.0 * 24 * 3600;
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() ||
      !(seconds >= 0 && seconds <= longest)) {
    throw std::invalid_argument("the timeout must be 0 or more seconds, and a year at most.");
  }
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

void settings::find_certificate() {
  const bool secure = std::any_of(endpoints.begin(), endpoints.end(),
                                  [](const endpoint& each) { return each.secure; });
  if (!secure || !tls.certificates.empty()) return;
  const char* const home = std::getenv("HOME");
  const char* const configuration = std::getenv("XDG_CONFIG_HOME");
  std::string directory;
  if (configuration && *configuration != '\0') {
    directory = configuration;
  } else if (home) {
    directory = std::string(home) + "/.config";
  }
  tls_certificate made;
  made.certificate_file = directory + "/saker/localhost.crt";
  made.key_file = directory + "/saker/localhost.key";
  if (!std::ifstream(made.certificate_file) || !std::ifstream(made.key_file)) {
    throw std::invalid_argument(
        "An https:// endpoint needs a certificate: give --certificate and --key, or make one for "
        "development with './dev cert'.");
  }
  tls.certificates.push_back(std::move(made));
}

namespace {

std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

/// A certificate that is given from outside stands for every host name.
void apply_certificate(tls_options& target, std::string certificate, std::string key) {
  if (certificate.empty()) certificate = from_environment("SAKER_CERTIFICATE");
  if (key.empty()) key = from_environment("SAKER_CERTIFICATE_KEY");
  if (certificate.empty()) {
    if (!key.empty()) throw std::invalid_argument("--key needs --certificate.");
    return;
  }
  target.certificates = {
      {{}, std::move(certificate), std::move(key), from_environment("SAKER_CERTIFICATE_PASSWORD")}};
}

}  // namespace

namespace {

/// One value that can be given from outside.
struct outside_value {
  const char* option;
  const char* variable;
  const char* help;
  bool given_settings::* given;
  void (*apply)(settings&, const std::string&);
};

constexpr outside_value outside_values[] = {
    {"--urls", "SAKER_URLS",
     "Endpoints, separated by ';', for example \"http://127.0.0.1:5000;https://localhost:5001\" "
     "(also: SAKER_URLS; default http://localhost:5000)",
     &given_settings::endpoints,
     [](settings& target, const std::string& value) { target.endpoints = parse_endpoints(value); }},
    {"--threads", "SAKER_THREADS",
     "Threads, 1 to 1024 (also: SAKER_THREADS; default: the CPUs that the process may use)",
     &given_settings::threads,
     [](settings& target, const std::string& value) { target.threads = parse_threads(value); }},
    {"--log-level", "SAKER_LOG_LEVEL",
     "debug, information, warning, error or off (also: SAKER_LOG_LEVEL; default information)",
     &given_settings::log_level,
     [](settings& target, const std::string& value) { target.log_level = parse_log_level(value); }},
    {"--shutdown-timeout", "SAKER_SHUTDOWN_TIMEOUT",
     "Seconds that a stop lets requests finish (also: SAKER_SHUTDOWN_TIMEOUT; default 30)",
     &given_settings::shutdown_timeout,
     [](settings& target, const std::string& value) {
       target.shutdown_timeout = parse_timeout(value);
     }},
    {"--unix-socket-mode", "SAKER_UNIX_SOCKET_MODE",
     "Permissions of Unix sockets, octal (also: SAKER_UNIX_SOCKET_MODE; default 600)",
     &given_settings::unix_socket_mode,
     [](settings& target, const std::string& value) {
       target.unix_socket_mode = parse_socket_mode(value);
     }},
};

void apply_outside(settings& target, const outside_value& what, const char* name,
                   const std::string& value) {
  apply(name, value, [&](const std::string& text) { what.apply(target, text); });
  target.given.*what.given = true;
}

}  // namespace

command_line_result apply_command_line(settings& target, int argc, const char* const* argv,
                                       const std::vector<command_line_option>& further) {
  CLI::App parser("A Saker web application.");
  std::array<std::string, std::size(outside_values)> values;
  std::array<CLI::Option*, std::size(outside_values)> options{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    options[i] = parser.add_option(outside_values[i].option, values[i], outside_values[i].help);
  }
  std::string certificate;
  std::string key;
  parser.add_option("--certificate", certificate,
                    "Certificate of the https endpoints: PEM with its chain, or PKCS#12 (also: "
                    "SAKER_CERTIFICATE; its password: SAKER_CERTIFICATE_PASSWORD)");
  parser.add_option("--key", key, "Its private key, PEM (also: SAKER_CERTIFICATE_KEY)");
  for (const auto& each : further) add_option(parser, each);
  try {
    parser.parse(argc, argv);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto& what = outside_values[i];
      if (*options[i]) {
        apply_outside(target, what, what.option, values[i]);
      } else if (const auto variable = from_environment(what.variable); !variable.empty()) {
        apply_outside(target, what, what.variable, variable);
      }
    }
    apply_certificate(target.tls, std::move(certificate), std::move(key));
  } catch (const CLI::CallForHelp&) {
    return {command::show_help, parser.help()};
  } catch (const CLI::ParseError& error) {
    return {command::refuse, one_line(error.what()) + " Use --help to see what is allowed."};
  } catch (const std::invalid_argument& error) {
    return {command::refuse, error.what()};
  }
  return {};
}

}  // namespace saker::app
