#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "websocket/deflate/deflater.hpp"
#include "websocket/deflate/inflater.hpp"
#include "websocket/utf8_validator.hpp"

namespace saker::websockets {

/// A compressed message that is being inflated.
struct inflating {
  explicit inflating(int window_bits) : stream(window_bits) {}

  inflater stream;
  utf8_validator text;
  std::uint64_t size = 0;  ///< Inflated bytes so far.
};

/// The compressors of one loop. Without context takeover a connection borrows one for the time of a
/// message, so that those which are idle hold none. Owner: the loop. Thread rule: the loop's.
class codecs {
 public:
  static constexpr std::size_t most_kept = 4;
  static constexpr std::size_t inflated_size = 64 * 1024;  ///< Of a piece of an inflated message.
  static constexpr int inflater_window_bits = 15;  ///< Inflates what any smaller window made.

  std::unique_ptr<inflating> take_inflater();
  void give_back(std::unique_ptr<inflating> used);

  std::unique_ptr<deflater> take_deflater(int window_bits);
  void give_back(std::unique_ptr<deflater> used);

  // Room for what is copied on at once.

  /// Empty, for one compressed frame.
  std::vector<std::byte>& compressed();
  /// For a piece of an inflated message.
  std::span<std::byte> inflated();

 private:
  huffman_model model_;
  std::vector<std::unique_ptr<inflating>> inflaters_;
  std::vector<std::unique_ptr<deflater>> deflaters_;
  std::vector<std::byte> compressed_;
  std::unique_ptr<std::byte[]> inflated_;
};

}  // namespace saker::websockets
