#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace saker_load {

/// The client's side of permessage-deflate. The context is taken over until `reset`.
class deflate_writer {
 public:
  deflate_writer();
  deflate_writer(const deflate_writer&) = delete;
  ~deflate_writer() { deflateEnd(&stream_); }

  std::string compress(std::string_view text);
  void reset() { deflateReset(&stream_); }

 private:
  z_stream stream_{};
};

class deflate_reader {
 public:
  deflate_reader();
  deflate_reader(const deflate_reader&) = delete;
  ~deflate_reader() { inflateEnd(&stream_); }

  /// Valid until the next call. Throws `load_error` when it is no deflate data, or inflates to more
  /// than `most` bytes.
  std::string_view inflate(std::string payload, std::size_t most);
  void reset() { inflateReset(&stream_); }

 private:
  z_stream stream_{};
};

}  // namespace saker_load
