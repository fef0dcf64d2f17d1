#include "deflate.hpp"

#include "load_error.hpp"

namespace saker_load {

deflate_writer::deflate_writer() {
  constexpr int window_bits = 15;
  deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY);
}

std::string deflate_writer::compress(std::string_view text) {
  std::string result(deflateBound(&stream_, text.size()) + 16, ' ');
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream_.avail_in = static_cast<uInt>(text.size());
  stream_.next_out = reinterpret_cast<Bytef*>(result.data());
  stream_.avail_out = static_cast<uInt>(result.size());
  ::deflate(&stream_, Z_SYNC_FLUSH);
  result.resize(result.size() - stream_.avail_out - 4);
  return result;
}

deflate_reader::deflate_reader() {
  constexpr int window_bits = 15;
  inflateInit2(&stream_, -window_bits);
}

std::string_view deflate_reader::inflate(std::string payload, std::size_t most) {
  static std::string output;  // Of all connections: there is one thread.
  output.resize(most + 1);
  payload += std::string_view("\0\0\xff\xff", 4);
  stream_.next_in = reinterpret_cast<Bytef*>(payload.data());
  stream_.avail_in = static_cast<uInt>(payload.size());
  stream_.next_out = reinterpret_cast<Bytef*>(output.data());
  stream_.avail_out = static_cast<uInt>(output.size());
  if (::inflate(&stream_, Z_SYNC_FLUSH) != Z_OK || stream_.avail_in != 0) {
    throw load_error("a compressed message that does not inflate to what was sent");
  }
  return std::string_view(output).substr(0, output.size() - stream_.avail_out);
}

}  // namespace saker_load
