#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <saker/binding/encoding.hpp>
#include <saker/signalr/error.hpp>
#include <saker/signalr/protocol/hub_message.hpp>
#include <saker/signalr/transports/connection_context.hpp>

namespace saker::signalr {

/// Reports that the peer has broken the protocol; the connection ends.
///
/// Example:
/// ```cpp
/// throw signalr::protocol_error("The message has no type.");
/// ```
class protocol_error : public named_error {
 public:
  explicit protocol_error(const std::string& message)
      : named_error("InvalidDataException", message) {}
};

inline constexpr int hub_protocol_version = 2;

/// Converts hub messages to bytes and back: ASP.NET Core's IHubProtocol. "json" and "messagepack"
/// are built in; pass others to `hub_options::add_protocol`. A client asks for a protocol by its
/// name in the handshake (which is JSON for every protocol, and ends with 0x1E).
///
/// Owner: shared by its creator and every hub that speaks it. Thread rule: any thread, several at
/// once; it holds no state of a connection. Its input comes from clients and must be treated as
/// hostile. Errors: an exception from `next_frame`, `parse` or `write` ends the connection, and
/// nothing else.
///
/// Example:
/// ```cpp
/// const signalr::hub_protocol& protocol = signalr::json_protocol();
/// const std::string_view data = "{\"type\":6}\x1e";
/// if (const auto frame = protocol.next_frame(data, 0)) {
///   const auto ping = protocol.parse(frame->payload);  // docs/signalr.md has one of its own
/// }
/// ```
class hub_protocol {
 public:
  hub_protocol() = default;
  hub_protocol(const hub_protocol&) = delete;
  hub_protocol& operator=(const hub_protocol&) = delete;
  virtual ~hub_protocol() = default;

  /// Returns the name that clients use, in any case. Servers that share a backplane exchange
  /// messages under exactly this name.
  virtual std::string_view name() const noexcept = 0;
  /// Returns the format: text is UTF-8 without carriage returns; binary is not available over
  /// Server-Sent Events.
  virtual transfer_format format() const noexcept = 0;
  /// Returns the format of the values in its messages: arguments, items and results are passed in
  /// it, so that a value for many clients is encoded once.
  virtual binding::value_format values() const noexcept = 0;
  /// Returns whether it supports the version that a client asks for in the handshake. Default: up
  /// to 2. From version 2 on it must support Ack and Sequence, for stateful reconnect.
  virtual bool is_version_supported(std::int64_t version) const noexcept {
    return version <= hub_protocol_version;
  }

  struct frame {
    std::string_view payload;  ///< A part of the first `size` bytes of the data.
    std::size_t size;          ///< Including the framing; at least 1.
  };
  /// Finds the first whole message; returns nothing if more data is needed. The first
  /// `looked_through` bytes were passed before and contain no end of a message. Throws
  /// protocol_error if no message can follow. The caller checks
  /// `hub_options::maximum_receive_message_size`.
  virtual std::optional<frame> next_frame(std::string_view data,
                                          std::size_t looked_through) const = 0;
  /// Reads a message; returns nothing for an unknown type, which is ignored. Throws protocol_error
  /// for a payload that is not a message. The same payload may be read twice; answers from other
  /// servers are read too: clients' Completions as written by `write`. Values are decoded later,
  /// when the types of the method's parameters are known; a value of the wrong type fails only its
  /// call. Sets `value_count`.
  virtual std::optional<hub_message> parse(std::string_view payload) const = 0;
  /// Appends the framed message. Must support every type.
  virtual void write(const hub_message& message, std::string& out) const = 0;
};

const hub_protocol& json_protocol() noexcept;
const hub_protocol& messagepack_protocol() noexcept;

}  // namespace saker::signalr
