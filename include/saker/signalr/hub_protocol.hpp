#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <saker/binding/encoding.hpp>
#include <saker/signalr/connection_context.hpp>
#include <saker/signalr/error.hpp>
#include <saker/signalr/hub_message.hpp>

namespace saker::signalr {

/// Says that the peer has broken the protocol: the connection ends.
class protocol_error : public named_error {
 public:
  explicit protocol_error(const std::string& message)
      : named_error("InvalidDataException", message) {}
};

inline constexpr int hub_protocol_version = 2;

/// Turns hub messages into bytes and back: ASP.NET Core's IHubProtocol. "json" and "messagepack"
/// are built in; others are given to `hub_options::add_protocol`, and a client asks for one by its
/// name in the handshake (which is JSON whatever the protocol is, and ends with 0x1E).
///
/// Owner: shared by its creator and every hub that speaks it. Thread rule: any thread, several at
/// once; it keeps no state of a connection. What it reads comes from clients, and is hostile.
/// Errors: what `next_frame`, `parse` and `write` throw ends the connection, and nothing else.
///
///     struct lines : saker::signalr::hub_protocol { ... };  // docs/signalr.md has a complete one.
///     options.hub.add_protocol(std::make_shared<lines>());
class hub_protocol {
 public:
  hub_protocol() = default;
  hub_protocol(const hub_protocol&) = delete;
  hub_protocol& operator=(const hub_protocol&) = delete;
  virtual ~hub_protocol() = default;

  /// What clients call it, in whatever case. Servers that share a backplane exchange messages under
  /// exactly this name.
  virtual std::string_view name() const noexcept = 0;
  /// Text is UTF-8 without carriage returns. Binary is not available over Server-Sent Events.
  virtual transfer_format format() const noexcept = 0;
  /// The format of the values in its messages: arguments, items and results are handed over in it,
  /// so that one that is sent to many clients is encoded once.
  virtual binding::value_format values() const noexcept = 0;
  /// Whether it speaks the version that a client asks for in the handshake. Default: up to 2. From
  /// version 2 on it must know Ack and Sequence, for stateful reconnect.
  virtual bool is_version_supported(std::int64_t version) const noexcept {
    return version <= hub_protocol_version;
  }

  struct frame {
    std::string_view payload;  ///< A part of the first `size` bytes of the data.
    std::size_t size;          ///< Including the framing; at least 1.
  };
  /// Finds the first whole message; absent: more is needed. `looked_through` bytes at the front
  /// have been shown before and held no end. Throws protocol_error where there will never be one.
  /// `hub_options::maximum_receive_message_size` is checked by the caller.
  virtual std::optional<frame> next_frame(std::string_view data,
                                          std::size_t looked_through) const = 0;
  /// Reads a message; absent: its type is not known, and it is ignored. Throws protocol_error for a
  /// payload that is no message. The same payload may be read twice, and other servers' answers are
  /// read as well: clients' Completions as `write` has written them. The values are decoded later,
  /// when the types of the method's parameters are known; a value of the wrong type fails its call
  /// only. Sets `value_count`.
  virtual std::optional<hub_message> parse(std::string_view payload) const = 0;
  /// Appends the framed message. Must be able to write every type.
  virtual void write(const hub_message& message, std::string& out) const = 0;
};

const hub_protocol& json_protocol() noexcept;
const hub_protocol& messagepack_protocol() noexcept;

}  // namespace saker::signalr
