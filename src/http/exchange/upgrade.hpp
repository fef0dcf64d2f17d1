#pragma once

#include <string>
#include <system_error>

namespace saker::http {

/// Who runs the handler of an upgraded request.
class upgrade_host {
 public:
  /// The protocol that took over says that its stream has ended: the request is aborted. Only until
  /// `on_handler_done`.
  virtual void on_upgraded_lost() noexcept = 0;

 protected:
  ~upgrade_host() = default;
};

/// What an upgraded connection tells the protocol that has taken it over.
class upgraded_protocol {
 public:
  virtual ~upgraded_protocol() = default;
  /// The handler of the request has ended; `failed` when it threw.
  virtual void on_handler_done(bool failed) = 0;
  /// The request has gone before its handler has ended, which somebody else runs.
  virtual void on_detached(upgrade_host& host) noexcept = 0;
  /// The peer, as long as the stream is there.
  virtual std::string remote_endpoint() const = 0;
  virtual std::string local_endpoint() const = 0;
  /// Whether a handler that fails so has met a fault of the peer, not of its own.
  virtual bool is_peer_fault(const std::error_code& error) const noexcept = 0;
  /// Whether nothing is missing but the peer's answer to the end.
  virtual bool waits_for_peer() const noexcept = 0;
};

}  // namespace saker::http
