#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace saker_load {

/// The one message that a run sends over and over: its bytes as they are sent and the bytes that
/// have to come back. Built once, so that sending costs the client nothing but the system call.
class message {
 public:
  message(std::size_t size, std::size_t depth, bool text, bool raw);

  /// Length of one message on the wire: header, mask and payload.
  std::size_t wire_size() const { return wire_size_; }

  /// `length` bytes of the endless repetition of the message, from `offset` < `wire_size()` on.
  /// At most `depth` messages.
  std::string_view wire(std::size_t offset, std::size_t length) const {
    return std::string_view(repeated_).substr(offset, length);
  }

  /// What an echo holds: the payload or, when raw, all that was sent.
  std::string_view echo() const { return echo_; }

  bool raw() const { return raw_; }
  int opcode() const { return opcode_; }

 private:
  bool raw_;
  int opcode_;
  std::string echo_;
  std::string repeated_;
  std::size_t wire_size_;
};

/// A whole frame from a client, FIN set.
std::string masked_frame(int opcode, std::string_view payload);

namespace opcode {
inline constexpr int continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10;
}

}  // namespace saker_load
