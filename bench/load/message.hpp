#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "arguments.hpp"

namespace saker_load {

/// The messages that a run sends over and over: their bytes as they are sent and the bytes that
/// have to come back. Built once, so that sending costs the client nothing but the system call.
///
/// Without compression it is one message. With it there are several, so that a context that is
/// taken over does not make a message of a few bytes of each; each refers at most to those before
/// it in the same round.
class messages {
 public:
  explicit messages(const arguments& options);

  std::size_t count() const { return texts_.size(); }

  /// Length of one message on the wire: header, mask and payload.
  std::size_t wire_size(std::size_t index) const { return ends_[index] - begin_of(index); }
  /// Length of all of them.
  std::size_t round_size() const { return ends_.back(); }

  /// `length` bytes of the endless repetition of the rounds, from `offset` < `round_size()` on. At
  /// most `depth` messages.
  std::string_view wire(std::size_t offset, std::size_t length) const {
    return std::string_view(repeated_).substr(offset, length);
  }
  bool is_message_begin(std::size_t offset) const;

  /// What an echo holds: the payload or, when raw, all that was sent.
  std::string_view echo(std::size_t index) const { return texts_[index]; }

  bool raw() const { return raw_; }
  /// Echoes follow each other within frames and across them.
  bool ignores_frames() const { return ignores_frames_; }
  int opcode() const { return opcode_; }
  compression deflate() const { return deflate_; }

 private:
  void add_hub_message(const arguments& options);
  std::size_t begin_of(std::size_t index) const { return index == 0 ? 0 : ends_[index - 1]; }

  bool raw_;
  bool ignores_frames_ = false;
  int opcode_;
  compression deflate_;
  std::vector<std::string> texts_;
  std::vector<std::size_t> ends_;
  std::string repeated_;
};

/// A whole frame from a client, FIN set.
std::string masked_frame(int opcode, std::string_view payload, bool compressed = false);

namespace opcode {
inline constexpr int continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10;
}

}  // namespace saker_load
