#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <saker/signalr/connection_context.hpp>
#include <saker/signalr/error.hpp>

#include "signalr/hub_message.hpp"

namespace saker::signalr {

/// The peer has broken the protocol.
class protocol_error : public named_error {
 public:
  explicit protocol_error(const std::string& message)
      : named_error("InvalidDataException", message) {}
};

/// How hub messages are bytes. Without state; any thread.
class hub_protocol {
 public:
  virtual std::string_view name() const noexcept = 0;
  virtual transfer_format format() const noexcept = 0;

  struct frame {
    std::string_view payload;
    std::size_t size;  ///< With what frames it.
  };
  /// The first whole message, or nothing yet. `protocol_error`: there will never be one. That many
  /// bytes at the front have been looked through before and hold no end.
  virtual std::optional<frame> next_frame(std::string_view data,
                                          std::size_t looked_through) const = 0;
  std::optional<frame> next_frame(std::string_view data) const { return next_frame(data, 0); }
  /// Absent: a message of a type that is not known, which is ignored.
  virtual std::optional<hub_message> parse(std::string_view payload) const = 0;
  /// Appends the message with what frames it.
  virtual void write(const hub_message& message, std::string& out) const = 0;

 protected:
  ~hub_protocol() = default;
};

inline constexpr int hub_protocol_version = 2;
/// Values that are nested deeper are refused.
inline constexpr int most_nesting = 64;

const hub_protocol& json_protocol() noexcept;
const hub_protocol& messagepack_protocol() noexcept;

}  // namespace saker::signalr
