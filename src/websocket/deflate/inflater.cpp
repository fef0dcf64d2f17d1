#include "websocket/deflate/inflater.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

namespace saker::websockets {
namespace {

constexpr std::array<std::byte, 4> message_tail = {std::byte{0}, std::byte{0}, std::byte{0xff},
                                                   std::byte{0xff}};

}  // namespace

struct inflater::stream {
  explicit stream(int bits) {
    if (inflateInit2(&zlib, -bits) != Z_OK) throw std::bad_alloc();
  }
  ~stream() { inflateEnd(&zlib); }

  z_stream zlib{};
};

inflater::inflater(int window_bits) : stream_(new stream(window_bits)) {}

inflater::~inflater() = default;

void inflater::reset() {
  inflateReset(&stream_->zlib);
  between_blocks_ = true;
  corrupt_ = false;
  ending_ = false;
  tail_ = {};
  ahead_.reset();
}

std::size_t inflater::read(std::span<const std::byte>& input, bool end_of_message,
                           std::span<std::byte> target) {
  std::size_t count = 0;
  if (ahead_ && !target.empty()) {
    target[count++] = *ahead_;
    ahead_.reset();
  }
  while (!corrupt_ && count < target.size()) {
    count += inflate(ending_ ? tail_ : input, target.subspan(count));
    if (count == target.size() || corrupt_) break;
    if (!end_of_message) break;
    if (ending_) {
      corrupt_ = !between_blocks_;
      ending_ = false;
      break;
    }
    // A peer that ended at a block's end, where it should have added an empty block, is understood.
    if (between_blocks_) break;
    ending_ = true;
    tail_ = message_tail;
  }
  return count;
}

bool inflater::has_more(std::span<const std::byte>& input, bool end_of_message) {
  std::byte next{};
  if (read(input, end_of_message, std::span(&next, 1)) == 0) return false;
  ahead_ = next;
  return true;
}

/// Stops when the target is full, the input used up, or the input corrupt.
std::size_t inflater::inflate(std::span<const std::byte>& input, std::span<std::byte> target) {
  constexpr std::size_t most_at_once = 1U << 30;  // zlib counts in 32 bits.
  auto& zlib = stream_->zlib;
  std::size_t count = 0;
  while (count < target.size()) {
    const auto given = std::min(input.size(), most_at_once);
    const auto room = std::min(target.size() - count, most_at_once);
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
    zlib.avail_in = static_cast<uInt>(given);
    zlib.next_out = reinterpret_cast<Bytef*>(target.data() + count);
    zlib.avail_out = static_cast<uInt>(room);
    const auto result = ::inflate(&zlib, Z_SYNC_FLUSH);
    count += room - zlib.avail_out;
    // With no bit left of the byte in use. A call that changes nothing does not say it again.
    const bool moved = zlib.avail_in != given || zlib.avail_out != room;
    if (moved) between_blocks_ = (zlib.data_type & ~64) == 128;
    input = input.subspan(given - zlib.avail_in);
    if (result == Z_STREAM_END) {
      begin_next_stream();
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      corrupt_ = true;
      break;
    }
    if (input.empty() && (zlib.avail_out != 0 || result == Z_STREAM_END)) break;
  }
  return count;
}

/// A block with BFINAL ends a deflate stream, not the message (RFC 7692, section 7.2.3.4). What
/// follows may refer to what came before, so the window stays where it is: a message may consist of
/// nothing but such blocks.
void inflater::begin_next_stream() {
  inflateResetKeep(&stream_->zlib);
  between_blocks_ = true;
}

}  // namespace saker::websockets
