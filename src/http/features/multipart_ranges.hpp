#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/message/range_header.hpp"

namespace saker::http {

/// "bytes 0-499/1234"
std::string content_range(const byte_range& range, std::uint64_t size);

/// The text around the parts of a multipart/byteranges body (RFC 9110, section 14.6).
class multipart_ranges {
 public:
  multipart_ranges(std::string_view part_type, std::uint64_t size);

  /// The value of Content-Type for the whole.
  std::string content_type() const;
  /// What stands before the bytes of a part.
  std::string part_head(const byte_range& range, bool is_first) const;
  /// What stands after the last part.
  std::string end() const;
  /// The size of the whole body.
  std::uint64_t content_length(const std::vector<byte_range>& ranges) const;

 private:
  std::string boundary_;
  std::string_view part_type_;
  std::uint64_t size_;
};

}  // namespace saker::http
