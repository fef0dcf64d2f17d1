#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "random.hpp"

namespace saker::simulation {

/// One frame of a client.
std::string masked_frame(int opcode, std::string_view payload, bool last, random& choices);

/// Reads the server's frames from bytes that come in any pieces.
class frame_reader {
 public:
  struct frame {
    int opcode = 0;
    bool last = true;
    std::string payload;
  };
  void add(std::string_view data) { buffer_ += data; }
  /// True: a frame is complete and was taken. What is wrong goes to `fault`.
  bool next(frame& into);
  const std::string& fault() const noexcept { return fault_; }
  bool empty() const noexcept { return buffer_.size() == begin_; }

 private:
  std::string buffer_;
  std::size_t begin_ = 0;
  std::string fault_;
};

}  // namespace saker::simulation
