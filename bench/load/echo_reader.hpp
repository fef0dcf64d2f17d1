#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "deflate.hpp"
#include "message.hpp"

namespace saker_load {

/// Finds the echoes in the bytes that a server sends, however they are cut, and checks them.
class echo_reader {
 public:
  explicit echo_reader(const messages& sent) : sent_(&sent) {}

  /// Returns how many echoes ended in `data`. Throws `load_error` when one is not what was sent.
  std::size_t read(std::string_view data);

  /// The Pong frame that answers a Ping read since the last call; mostly empty.
  std::string take_pong();

  /// The status code of the server's Close frame (1005 when it has none).
  std::optional<int> close_status() const { return close_status_; }

 private:
  bool read_header(std::string_view& data);
  void begin_frame();
  void read_payload(std::string_view& data);
  void check(std::string_view chunk) const;
  void read_answers(std::string_view chunk);
  void check_compressed();
  std::string_view expected() const { return sent_->echo(index_); }
  bool end_frame();
  void end_control_frame();
  bool is_control() const { return opcode_ >= opcode::close; }

  const messages* sent_;
  std::size_t index_ = 0;      // of the message
  std::size_t position_ = 0;   // in the message
  std::size_t remaining_ = 0;  // of the frame
  std::array<unsigned char, 10> header_{};
  std::uint8_t header_size_ = 0;
  std::size_t answers_ = 0;  // that ended since the last call of read
  bool in_payload_ = false;
  bool in_message_ = false;
  bool fin_ = false;
  bool compressed_ = false;
  int opcode_ = 0;
  std::optional<int> close_status_;
  std::string control_;
  std::string payload_;                       // of a compressed message
  std::unique_ptr<deflate_reader> inflater_;  // with context takeover, else they share one
  std::string pong_;
};

}  // namespace saker_load
