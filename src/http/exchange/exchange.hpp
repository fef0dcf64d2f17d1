#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <saker/http/message/headers.hpp>

#include "async/resumption.hpp"

namespace saker {
class event_loop;
class http_response;
struct http_limits;

namespace io {
class byte_stream;
struct channel_security;
}  // namespace io

namespace http {

class body_pipe;

/// A parsed head, as a protocol hands it to http_request. The views refer to the storage of
/// `fields`, which must not change any more.
struct request_head {
  headers fields;
  std::string_view method;
  std::string_view target;
  std::string_view path;  ///< Still encoded.
  std::string_view query;
  const char* protocol = "";  ///< Static text.
  std::string_view host;
  std::string_view connect_protocol;  ///< `:protocol` of an extended CONNECT.
  std::string decoded_path;
  std::optional<std::uint64_t> content_length;
  bool has_body = false;
};

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

/// One request and its answer, as the protocols (v1, v2) give it to http_context.
/// Everything happens on the connection's loop.
class exchange : public upgrade_host {
 public:
  virtual ~exchange() = default;

  virtual event_loop& loop() noexcept = 0;
  virtual const http_limits& limits() const noexcept = 0;
  virtual std::string_view scheme() const noexcept = 0;
  virtual std::string remote_endpoint() const = 0;
  virtual std::string local_endpoint() const = 0;
  /// What protects the connection; null: nothing.
  virtual std::shared_ptr<const io::channel_security> security() const noexcept = 0;

  /// The request's body, or null when there is none.
  virtual body_pipe* body() noexcept = 0;

  /// Sends the head if that has not happened, then appends to the body. `last` says that nothing
  /// follows, which gives a response without Content-Length one.
  virtual void write(http_response& response, std::span<const std::byte> data, bool last) = 0;

  /// True while more than the allowed bytes wait for the client.
  virtual bool congested() const noexcept = 0;
  /// Who is woken, once, when that has ended or the connection is lost. Null withdraws it.
  virtual void set_drain_waiter(async::resumption* waiter) noexcept = 0;
  /// Why the connection is lost, if it is.
  virtual std::error_code connection_error() const noexcept = 0;

  virtual void abort() noexcept = 0;

  /// Whether the request can become a byte stream of another protocol: by an upgrade of HTTP/1.1,
  /// whose head gets status 101 (RFC 9110, section 7.8), or by an extended CONNECT, whose status
  /// must be 2xx (RFC 8441, section 5).
  virtual bool is_upgradable() const noexcept = 0;
  virtual std::unique_ptr<io::byte_stream> upgrade(http_response& response,
                                                   std::shared_ptr<upgraded_protocol> protocol) = 0;
};

/// Awaits that fewer bytes wait for the client; throws when the connection is lost.
class drained {
 public:
  explicit drained(exchange& on) noexcept : exchange_(on) {}
  drained(const drained&) = delete;
  drained& operator=(const drained&) = delete;
  ~drained() {
    if (waiting_.is_armed()) exchange_.set_drain_waiter(nullptr);
  }

  bool await_ready() const noexcept {
    return exchange_.connection_error() || !exchange_.congested();
  }
  void await_suspend(std::coroutine_handle<> caller) noexcept {
    waiting_.arm(caller);
    exchange_.set_drain_waiter(&waiting_);
  }
  void await_resume() {
    if (auto error = exchange_.connection_error()) throw std::system_error(error);
  }

 private:
  exchange& exchange_;
  async::resumption waiting_;
};

}  // namespace http
}  // namespace saker
