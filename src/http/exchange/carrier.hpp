#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>

#include <saker/http/message/headers.hpp>

#include "async/root_task.hpp"

namespace saker {
class event_loop;
class http_response;

namespace io {
class byte_stream;
struct channel_security;
}  // namespace io
}  // namespace saker

namespace saker::http {

struct connection_options;

/// How much content a response has (RFC 9110, sections 6.4 and 8.6).
struct content_size {
  bool allowed = true;                  ///< By the status.
  bool sent = true;                     ///< False as well in the answer to HEAD.
  std::optional<std::uint64_t> length;  ///< Absent: nobody knows yet.
  bool add_length = false;              ///< The fields do not say it, and it is known.
  bool complete = false;                ///< The content follows at once, and then the end.
};

/// What carries an exchange: the protocol, which frames what the exchange sends and parses what
/// it gets. HTTP/1.1 has one for a connection, HTTP/2 one for each stream.
///
/// Owner: itself; it owns the exchange, and lives longer. Thread rule: the connection's loop.
class carrier {
 public:
  virtual event_loop& loop() noexcept = 0;
  virtual const connection_options& options() const noexcept = 0;
  /// What protects the connection; null: nothing.
  virtual const std::shared_ptr<const io::channel_security>& security() const noexcept = 0;
  virtual std::string remote_endpoint() const = 0;
  virtual std::string local_endpoint() const = 0;

  virtual void send_head(const http_response& response, const content_size& content) = 0;
  virtual void send_content(std::span<const std::byte> data) = 0;
  /// Nothing follows but the trailers, if there are any.
  virtual void send_end(const headers* trailers) = 0;
  virtual void send_continue() = 0;
  /// Bytes that the client has not taken.
  virtual std::size_t queued() const noexcept = 0;
  /// Calls `exchange::on_room` once fewer are queued than may be.
  virtual void await_room() = 0;
  /// The handler has taken bytes of the body: there is room for more.
  virtual void on_body_taken() = 0;
  /// Ends the request without an answer, or in the middle of it, and tells the exchange.
  virtual void abort(std::errc error) noexcept = 0;

  /// Hands over the stream, when the head that accepts the upgrade has been sent.
  virtual std::unique_ptr<io::byte_stream> release_stream() = 0;
  /// The handler goes on without the exchange, which is to be destroyed. Returns who wants to know
  /// when the handler has ended, if anybody does.
  virtual async::task_listener* on_detached() noexcept = 0;
  /// The handler has ended, and the answer as well: the exchange is to be destroyed.
  virtual void on_exchange_done() noexcept = 0;

 protected:
  ~carrier() = default;
};

}  // namespace saker::http
