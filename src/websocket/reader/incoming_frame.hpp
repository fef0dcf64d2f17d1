#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <saker/websocket/types.hpp>

#include "websocket/reader/frame_parser.hpp"
#include "websocket/utf8_validator.hpp"

namespace saker::websockets {

/// The frame that is being received, and what is known of its message. No I/O.
class incoming_frame {
 public:
  explicit incoming_frame(bool compression) noexcept {
    if (compression) parser_.allow_compression();
  }

  /// Reads the next header, as frame_parser::parse does.
  std::size_t parse(std::span<const std::byte> data) { return parser_.parse(data, header_); }
  /// Null, or how the peer has broken the protocol.
  const char* fault() const noexcept { return parser_.fault(); }
  const frame_header& header() const noexcept { return header_; }

  /// Begins the payload of a data frame whose header has been read.
  void begin() noexcept;
  bool in_payload() const noexcept { return in_payload_; }
  std::uint64_t missing() const noexcept { return header_.length - taken_; }
  websocket_message_type type() const noexcept { return type_; }
  bool is_compressed() const noexcept { return compressed_; }

  /// Unmasks the next bytes of the payload into the target, which may be where they are.
  void take(std::byte* target, std::span<const std::byte> data) noexcept;
  /// Leaves out the next bytes: nothing of the message is of use any more.
  void skip(std::size_t bytes) noexcept {
    taken_ += bytes;
    note_gap();
  }
  /// The same of what has been taken.
  void note_gap() noexcept { has_gap_ = true; }
  bool has_gap() const noexcept { return has_gap_; }
  /// Returns false when what has been taken cannot be the beginning of a valid text.
  bool check_text(std::span<const std::byte> unmasked) noexcept;
  /// Ends the frame. Returns false when it ends a text inside a character.
  [[nodiscard]] bool end() noexcept;

 private:
  frame_parser parser_;
  frame_header header_;
  std::uint64_t taken_ = 0;
  websocket_message_type type_ = websocket_message_type::binary;
  utf8_validator text_;
  bool in_payload_ = false;
  bool compressed_ = false;
  bool has_gap_ = false;  ///< Bytes of the message are missing.
};

}  // namespace saker::websockets
