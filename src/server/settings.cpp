#include "server/settings.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace saker::server {
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

core::log_level parse_log_level(std::string_view text) {
  constexpr std::pair<std::string_view, core::log_level> levels[] = {
      {"debug", core::log_level::debug},
      {"information", core::log_level::information},
      {"warning", core::log_level::warning},
      {"error", core::log_level::error},
      {"off", core::log_level::off}};
  for (const auto& [name, level] : levels) {
    if (name == text) return level;
  }
  throw std::invalid_argument("the log level must be debug, information, warning, error or off.");
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

command_line_result apply_command_line(settings& target, int argc, const char* const* argv,
                                       const std::vector<command_line_option>& further) {
  CLI::App parser("A Saker web application.");
  std::string urls;
  std::string threads;
  std::string level;
  std::string certificate;
  std::string key;
  auto* const urls_option = parser.add_option(
      "--urls", urls,
      "Endpoints, separated by ';', for example \"http://127.0.0.1:5000;https://localhost:5001\" "
      "(also: SAKER_URLS; default http://localhost:5000)");
  auto* const threads_option = parser.add_option(
      "--threads", threads, "Threads, 1 to 1024 (default: the CPUs that the process may use)");
  auto* const level_option = parser.add_option(
      "--log-level", level, "debug, information, warning, error or off (default information)");
  parser.add_option("--certificate", certificate,
                    "Certificate of the https endpoints: PEM with its chain, or PKCS#12 (also: "
                    "SAKER_CERTIFICATE; its password: SAKER_CERTIFICATE_PASSWORD)");
  parser.add_option("--key", key, "Its private key, PEM (also: SAKER_CERTIFICATE_KEY)");
  for (const auto& each : further) add_option(parser, each);
  try {
    parser.parse(argc, argv);
    if (const char* const variable = std::getenv("SAKER_URLS"); variable && *variable != '\0') {
      apply("SAKER_URLS", variable,
            [&](auto& value) { target.endpoints = parse_endpoints(value); });
    }
    if (*urls_option) {
      apply("--urls", urls, [&](auto& value) { target.endpoints = parse_endpoints(value); });
    }
    if (*threads_option) {
      apply("--threads", threads, [&](auto& value) { target.threads = parse_threads(value); });
    }
    if (*level_option) {
      apply("--log-level", level, [&](auto& value) { target.log_level = parse_log_level(value); });
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

}  // namespace saker::server
