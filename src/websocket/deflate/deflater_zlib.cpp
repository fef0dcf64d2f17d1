#include <zlib.h>

#include <algorithm>
#include <new>

#include "websocket/deflate/deflater.hpp"

namespace saker::websockets {

struct zlib_deflater::stream {
  explicit stream(int bits) : window_bits(bits) {
    if (deflateInit2(&zlib, Z_BEST_SPEED, Z_DEFLATED, -bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~stream() { deflateEnd(&zlib); }

  z_stream zlib{};
  int window_bits;
};

zlib_deflater::zlib_deflater(int window_bits, huffman_model* /*model*/)
    : stream_(new stream(window_bits)) {}

zlib_deflater::~zlib_deflater() = default;

void zlib_deflater::reset(int window_bits) {
  if (stream_->window_bits == window_bits) {
    deflateReset(&stream_->zlib);
  } else {
    stream_ = std::make_unique<stream>(window_bits);
  }
}

void zlib_deflater::compress(std::span<const std::byte> data, bool end_of_message,
                             std::vector<std::byte>& output) {
  auto& zlib = stream_->zlib;
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(data.data()));
  auto left = data.size();
  auto size = output.size();
  do {
    // zlib counts in 32 bits.
    constexpr std::size_t most_at_once = 1U << 30;
    zlib.avail_in = static_cast<uInt>(std::min(left, most_at_once));
    left -= zlib.avail_in;
    do {
      output.resize(size + std::max<std::size_t>(zlib.avail_in + zlib.avail_in / 8 + 64, 256));
      const auto room = output.size() - size;
      zlib.next_out = reinterpret_cast<Bytef*>(output.data() + size);
      zlib.avail_out = static_cast<uInt>(room);
      deflate(&zlib, left == 0 ? Z_SYNC_FLUSH : Z_NO_FLUSH);
      size += room - zlib.avail_out;
    } while (zlib.avail_in != 0 || zlib.avail_out == 0);
  } while (left != 0);
  output.resize(end_of_message ? size - 4 : size);
}

}  // namespace saker::websockets
