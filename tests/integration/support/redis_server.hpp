#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "redis/resp.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace saker::testing {

/// A real Redis on a free port of 127.0.0.1, in a process of its own.
class redis_server {
 public:
  /// `options` as on its command line.
  explicit redis_server(const std::vector<std::string>& options = {});
  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  const temporary_directory& directory() const noexcept { return directory_; }

  /// At once, as with power that fails.
  void kill();
  /// On the same port, after `kill`.
  void restart();
  void signal(int number) const { process_->signal(number); }
  program& process() noexcept { return *process_; }

  /// Asks it, on a connection for this.
  redis::owned_reply ask(const std::vector<std::string>& words) const;
  /// The subscriptions of that channel.
  long long subscribers(const std::string& channel) const;

  /// A port that nobody listens on.
  static std::uint16_t free_port();

 private:
  void start();

  temporary_directory directory_;
  const std::vector<std::string> options_;
  std::uint16_t port_;
  std::unique_ptr<program> process_;
};

}  // namespace saker::testing
