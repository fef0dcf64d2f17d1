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

#include <saker/core/task.hpp>
#include <saker/http/claims_principal.hpp>
#include <saker/signalr/connection_options.hpp>
#include <saker/signalr/request_info.hpp>

namespace saker::signalr {

class connection;

/// Whether what the server sends goes as text (UTF-8) or as bytes.
enum class transfer_format : std::uint8_t { text = 1, binary = 2 };

/// A connection without a hub: a duplex stream of bytes that WebSockets, Server-Sent Events or long
/// polling carry (`map_connection`). Where one message ends and the next begins is not kept; a
/// protocol of your own marks that. What one `write` is given arrives unbroken.
///
/// Owner: the handler that is given one; it is valid until the handler has ended, which ends the
/// connection: in order after a return, with an error after an exception.
/// Thread rule: the event loop that the handler runs on; the stop_token may be used anywhere.
/// Limits: connection_options.
class connection_context {
 public:
  explicit connection_context(std::shared_ptr<connection> shared) noexcept
      : connection_(std::move(shared)) {}

  /// The id that may be shown to others. (Who knows the token, which is another one, can take the
  /// connection over; it is never shown.)
  const std::string& connection_id() const noexcept;
  /// Which transport the client has chosen.
  transport_type transport() const noexcept;
  /// With long polling that of the latest poll: valid until the handler awaits.
  const claims_principal& user() const noexcept;
  /// The request that the connection began with.
  const request_info& request() const noexcept;
  /// Values that belong to the connection.
  std::map<std::string, std::any>& items() noexcept;

  /// Awaits bytes from the client and copies them; 0: the client has gone. One read at a time.
  task<std::size_t> read(std::span<std::byte> buffer);

  /// Sends bytes, and waits while more than `transport_max_buffer_size` bytes wait for the client.
  /// After the end of the connection it does nothing.
  task<void> write(std::span<const std::byte> data);
  task<void> write(std::string_view text);
  /// Default: text. Binary needs another transport than Server-Sent Events, else
  /// `std::logic_error`.
  void set_transfer_format(transfer_format format);

  /// Signalled when the connection ends.
  std::stop_token connection_closed() const noexcept;
  /// Ends the connection at once.
  void abort();

  /// For Saker's own rooms.
  const std::shared_ptr<connection>& shared() const noexcept { return connection_; }

 private:
  std::shared_ptr<connection> connection_;
  std::span<const std::byte> rest_;
};

/// What `map_connection` calls for each connection.
using connection_handler = std::function<task<void>(connection_context&)>;

}  // namespace saker::signalr
