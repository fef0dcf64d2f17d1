#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace saker::websockets {

/// The decompressing half of permessage-deflate (RFC 7692, section 7.2.2), on zlib. No I/O and no
/// limit of its own: it inflates only as much as it is asked for.
class inflater {
 public:
  /// 8..15: what the peer compresses with, or more.
  explicit inflater(int window_bits);
  ~inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// Inflates into the target, and takes what it has used off the front of the input. Less than
  /// the target holds: the input is used up (or corrupt), and where it was the end of a message,
  /// all of the message is out and the next one may begin.
  std::size_t read(std::span<const std::byte>& input, bool end_of_message,
                   std::span<std::byte> target);
  /// Whether a `read` that has filled its target left something. Uses input like it.
  bool has_more(std::span<const std::byte>& input, bool end_of_message);
  /// What came is not deflate data, or ended inside of a block.
  bool is_corrupt() const noexcept { return corrupt_; }

  /// Forgets what came before.
  void reset();

 private:
  struct stream;

  std::size_t inflate(std::span<const std::byte>& input, std::span<std::byte> target);
  void begin_next_stream();

  std::unique_ptr<stream> stream_;
  bool between_blocks_ = true;
  bool corrupt_ = false;
  bool ending_ = false;
  std::span<const std::byte> tail_;  ///< What is left of the four bytes that no message carries.
  std::optional<std::byte> ahead_;
};

}  // namespace saker::websockets
