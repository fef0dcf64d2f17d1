#pragma once

#include <zlib.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace saker::testing {

/// The other side of permessage-deflate, straight on zlib, with its context taken over.
class zlib_peer {
 public:
  explicit zlib_peer(int window_bits = 15) {
    deflateInit2(&out_, 6, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY);
    inflateInit2(&in_, -window_bits);
  }
  zlib_peer(const zlib_peer&) = delete;
  zlib_peer& operator=(const zlib_peer&) = delete;
  ~zlib_peer() {
    deflateEnd(&out_);
    inflateEnd(&in_);
  }

  /// The payload of a whole message, or of a fragment.
  std::string deflate(std::string_view text, bool end_of_message = true) {
    // zlib does not flush twice.
    if (text.empty()) return std::string(end_of_message ? 1 : 0, '\0');
    auto result = flush(text, Z_SYNC_FLUSH);
    if (end_of_message) result.resize(result.size() - 4);
    return result;
  }

  /// The payload of a whole message whose last block says that it is the last.
  std::string deflate_final(std::string_view text) {
    auto result = flush(text, Z_FINISH);
    deflateReset(&out_);
    return result + '\0';
  }

  /// Inflates the payload of a whole message; throws when it is not one.
  std::string inflate(std::string_view payload) {
    std::string input(payload);
    input += std::string_view("\0\0\xff\xff", 4);
    in_.next_in = reinterpret_cast<Bytef*>(input.data());
    in_.avail_in = static_cast<uInt>(input.size());
    std::string result;
    int after_block = 0;
    do {
      char buffer[4096];
      in_.next_out = reinterpret_cast<Bytef*>(buffer);
      in_.avail_out = sizeof buffer;
      const auto code = ::inflate(&in_, Z_SYNC_FLUSH);
      if (code != Z_OK && code != Z_BUF_ERROR) throw std::runtime_error("not deflate data");
      if (code == Z_OK) after_block = in_.data_type;
      result.append(buffer, sizeof buffer - in_.avail_out);
    } while (in_.avail_out == 0);
    if (in_.avail_in != 0 || after_block != 128) throw std::runtime_error("half a message");
    return result;
  }

  void forget_received() { inflateReset(&in_); }
  void forget_sent() { deflateReset(&out_); }

 private:
  std::string flush(std::string_view text, int how) {
    out_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    out_.avail_in = static_cast<uInt>(text.size());
    std::string result;
    do {
      char buffer[4096];
      out_.next_out = reinterpret_cast<Bytef*>(buffer);
      out_.avail_out = sizeof buffer;
      ::deflate(&out_, how);
      result.append(buffer, sizeof buffer - out_.avail_out);
    } while (out_.avail_out == 0);
    return result;
  }

  z_stream out_{};
  z_stream in_{};
};

/// Text that compresses as a message of a real application does.
inline std::string json_text(std::size_t size, unsigned seed = 1) {
  std::string text = "[";
  while (text.size() < size) {
    seed = seed * 1103515245U + 12345U;
    text += "{\"symbol\":\"SKR" + std::to_string(seed >> 16 & 7U) +
            "\",\"price\":" + std::to_string(seed >> 8 & 0xffffU) + ",\"side\":\"buy\"},";
  }
  text.resize(size);
  return text;
}

}  // namespace saker::testing
