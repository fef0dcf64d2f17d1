#pragma once

#include <any>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <saker/async/task.hpp>
#include <saker/http/message/claims_principal.hpp>
#include <saker/signalr/transports/connection_options.hpp>
#include <saker/signalr/transports/request_info.hpp>

namespace saker::signalr {

class connection;

/// Says whether the server sends text (UTF-8) or bytes.
enum class transfer_format : std::uint8_t { text = 1, binary = 2 };

/// Reads and writes a connection without a hub: a duplex stream of bytes over WebSockets,
/// Server-Sent Events or long polling (`map_connection`). Message boundaries are not preserved;
/// your own protocol must mark them. The bytes of one `write` arrive without others in between.
///
/// Owner: the handler that receives it; it is valid until the handler has ended, which ends the
/// connection: normally after a return, with an error after an exception. Thread rule: the event
/// loop that the handler runs on; the stop_token may be used anywhere. Limits: connection_options.
///
/// Example:
/// ```cpp
/// app.add(signalr::map_connection(
///     "/bytes", [](signalr::connection_context& connection) -> task<void> {
///       std::array<std::byte, 4096> buffer;
///       while (const auto count = co_await connection.read(buffer)) {
///         co_await connection.write(std::span(buffer).first(count));
///       }
///     }));
/// ```
class connection_context {
 public:
  explicit connection_context(std::shared_ptr<connection> shared) noexcept
      : connection_(std::move(shared)) {}

  /// Returns the id, which may be shown to others. (The connection token is a different value and
  /// is never shown: anyone with the token can take the connection over.)
  const std::string& connection_id() const noexcept;
  /// Returns the transport that the client chose.
  transport_type transport() const noexcept;
  /// Returns the connection's user; with long polling, that of the latest poll: valid until the
  /// handler awaits.
  const claims_principal& user() const noexcept;
  /// Returns the request that started the connection.
  const request_info& request() const noexcept;
  /// Returns values that belong to the connection.
  std::map<std::string, std::any>& items() noexcept;

  /// Awaits bytes from the client and copies them to the buffer; returns 0 when the client has
  /// gone. One read at a time.
  task<std::size_t> read(std::span<std::byte> buffer);

  /// Sends bytes, and waits while more than `transport_max_buffer_size` bytes wait for the client.
  /// Has no effect after the end of the connection.
  task<void> write(std::span<const std::byte> data);
  task<void> write(std::string_view text);
  /// Sets the transfer format. Default: text. Throws `std::logic_error` for binary over Server-Sent
  /// Events.
  void set_transfer_format(transfer_format format);

  /// Returns a token that is signalled when the connection ends.
  std::stop_token connection_closed() const noexcept;
  /// Ends the connection at once.
  void abort();

  /// Internal: for Saker itself.
  const std::shared_ptr<connection>& shared() const noexcept { return connection_; }

 private:
  std::shared_ptr<connection> connection_;
  std::span<const std::byte> rest_;
};

/// The handler that map_connection calls for each connection.
using connection_handler = std::function<task<void>(connection_context&)>;

}  // namespace saker::signalr
