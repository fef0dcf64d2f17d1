#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace saker::websockets {

#ifdef SAKER_HAS_ISAL

/// Huffman tables that fit the messages of one loop, learnt from some of them.
///
/// Building tables for each message is most of what compressing a short one costs. The messages of
/// an application are like each other: tables learnt from the last ones make a message of 1 KiB a
/// tenth larger, and compressing it four times faster. Every byte has a code, however rare.
class huffman_model {
 public:
  huffman_model();
  ~huffman_model();
  huffman_model(const huffman_model&) = delete;
  huffman_model& operator=(const huffman_model&) = delete;

  /// The `isal_hufftables` for a message, which may be learnt from. Valid until the next call.
  void* tables_for(std::span<const std::byte> message);

 private:
  struct state;

  void learn(std::span<const std::byte> message);

  std::unique_ptr<state> state_;
  std::uint32_t messages_ = 0;
};

#else

class huffman_model {};

#endif

}  // namespace saker::websockets
