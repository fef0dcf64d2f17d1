#ifdef SAKER_HAS_ISAL

#include <isa-l/igzip_lib.h>

#include <algorithm>

#include "websocket/deflate/deflater.hpp"

namespace saker::websockets {

struct isal_deflater::stream {
  stream(int bits, bool with_model) {
    isal_deflate_init(&isal);
    isal.flush = SYNC_FLUSH;
    isal.hist_bits = static_cast<std::uint16_t>(bits);
    if (with_model) return;
    buffer.reset(new std::uint8_t[ISAL_DEF_LVL1_MIN]);
    isal.level = 1;
    isal.level_buf = buffer.get();
    isal.level_buf_size = ISAL_DEF_LVL1_MIN;
  }

  isal_zstream isal;
  std::unique_ptr<std::uint8_t[]> buffer;
};

isal_deflater::isal_deflater(int window_bits, huffman_model* model)
    : stream_(new stream(window_bits, model != nullptr)), model_(model) {}

isal_deflater::~isal_deflater() = default;

void isal_deflater::reset(int window_bits) {
  isal_deflate_reset(&stream_->isal);
  stream_->isal.hist_bits = static_cast<std::uint16_t>(window_bits);
}

void isal_deflater::compress(std::span<const std::byte> data, bool end_of_message,
                             std::vector<std::byte>& output) {
  auto& isal = stream_->isal;
  if (model_) {
    isal_deflate_set_hufftables(&isal, static_cast<isal_hufftables*>(model_->tables_for(data)),
                                IGZIP_HUFFTABLE_CUSTOM);
  }
  isal.next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(data.data()));
  auto left = data.size();
  auto size = output.size();
  do {
    // ISA-L counts in 32 bits.
    constexpr std::size_t most_at_once = 1U << 30;
    isal.avail_in = static_cast<std::uint32_t>(std::min(left, most_at_once));
    left -= isal.avail_in;
    do {
      output.resize(size + std::max<std::size_t>(isal.avail_in + isal.avail_in / 8 + 64, 256));
      const auto room = output.size() - size;
      isal.next_out = reinterpret_cast<std::uint8_t*>(output.data() + size);
      isal.avail_out = static_cast<std::uint32_t>(room);
      isal_deflate(&isal);
      size += room - isal.avail_out;
    } while (isal.avail_in != 0 || isal.avail_out == 0);
  } while (left != 0);
  output.resize(end_of_message ? size - 4 : size);
}

}  // namespace saker::websockets

#endif
