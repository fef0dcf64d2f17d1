#pragma once

#include <memory>
#include <span>
#include <string>

#include <saker/async/event_loop.hpp>
#include <saker/async/task.hpp>

#include "redis/address.hpp"

namespace saker::redis {

/// How TLS with Redis is verified.
struct tls_settings {
  std::string certificate_authorities;  ///< PEM; empty: those of the system.
  std::string certificate_file;         ///< PEM, of this client; empty: none.
  std::string key_file;
};

/// The TLS of all connections to Redis, its files read once. Throws `std::invalid_argument` that
/// names a file that cannot be used.
class tls_client {
 public:
  explicit tls_client(const tls_settings& settings);
  ~tls_client();
  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;

  struct implementation;
  implementation& own() const noexcept { return *implementation_; }

 private:
  std::unique_ptr<implementation> implementation_;
};

/// A connection to a server: TCP, TLS or a Unix socket, by Asio on an event loop.
///
/// Thread rule: its loop. Failures are std::system_error. `close` ends what is in progress with
/// `operation_aborted`; only then, and after that has come back, may it be destroyed.
class socket {
 public:
  /// `tls` null: none.
  socket(event_loop& loop, tls_client* tls);
  ~socket();
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;

  /// With TLS until the server has proved that it is that host. The address must stay.
  task<void> connect(const address& where);
  task<std::size_t> read(std::span<char> buffer);
  task<void> write(std::span<const char> data);
  void close() noexcept;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace saker::redis
