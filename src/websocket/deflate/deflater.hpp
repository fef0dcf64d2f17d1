#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "websocket/deflate/huffman_model.hpp"

namespace saker::websockets {

// The compressing half of permessage-deflate (RFC 7692, section 7.2.1), on one of two libraries.
// No I/O. Both have the same members:
//
//   void reset(int window_bits)     Forgets what came before; 9..15.
//   void compress(data, end_of_message, output)
//                                   Appends the compressed data, to its last byte; the end of a
//                                   message goes without the four bytes that never change.
//
// A model, which must outlive them, makes messages without context cheaper where the library can
// use it. (With context a message may be shorter than what its tables take.)

/// zlib at level 1: everywhere. About 268 KB at 15 window bits.
class zlib_deflater {
 public:
  explicit zlib_deflater(int window_bits, huffman_model* model = nullptr);
  ~zlib_deflater();
  zlib_deflater(const zlib_deflater&) = delete;
  zlib_deflater& operator=(const zlib_deflater&) = delete;

  void reset(int window_bits);
  void compress(std::span<const std::byte> data, bool end_of_message,
                std::vector<std::byte>& output);

 private:
  struct stream;

  std::unique_ptr<stream> stream_;
};

#ifdef SAKER_HAS_ISAL

/// Intel's ISA-L, where it is installed: with a model at level 0, a tenth of zlib's time; without
/// one at level 1. About 82 KB, or 107 KB.
class isal_deflater {
 public:
  explicit isal_deflater(int window_bits, huffman_model* model = nullptr);
  ~isal_deflater();
  isal_deflater(const isal_deflater&) = delete;
  isal_deflater& operator=(const isal_deflater&) = delete;

  void reset(int window_bits);
  void compress(std::span<const std::byte> data, bool end_of_message,
                std::vector<std::byte>& output);

 private:
  struct stream;

  std::unique_ptr<stream> stream_;
  huffman_model* model_;
};

using deflater = isal_deflater;

#else

using deflater = zlib_deflater;

#endif

}  // namespace saker::websockets
