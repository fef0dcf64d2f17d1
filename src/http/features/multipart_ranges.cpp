#include "http/features/multipart_ranges.hpp"

#include <random>

namespace saker::http {

namespace {

/// Random, so that a file cannot be made to contain it.
std::string make_boundary() {
  static constexpr char digits[] = "0123456789abcdef";
  std::random_device random;
  std::string boundary = "saker-";
  for (int word = 0; word < 4; ++word) {
    auto bits = random();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4) boundary.push_back(digits[bits & 15]);
  }
  return boundary;
}

}  // namespace

std::string content_range(const byte_range& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + '-' + std::to_string(range.last) + '/' +
         std::to_string(size);
}

multipart_ranges::multipart_ranges(std::string_view part_type, std::uint64_t size)
    : boundary_(make_boundary()), part_type_(part_type), size_(size) {}

std::string multipart_ranges::content_type() const {
  return "multipart/byteranges; boundary=" + boundary_;
}

std::string multipart_ranges::part_head(const byte_range& range, bool is_first) const {
  std::string head = is_first ? "--" : "\r\n--";
  head.append(boundary_).append("\r\nContent-Type: ").append(part_type_);
  head.append("\r\nContent-Range: ").append(content_range(range, size_)).append("\r\n\r\n");
  return head;
}

std::string multipart_ranges::end() const { return "\r\n--" + boundary_ + "--\r\n"; }

std::uint64_t multipart_ranges::content_length(const std::vector<byte_range>& ranges) const {
  std::uint64_t total = end().size();
  bool is_first = true;
  for (const auto& range : ranges) {
    total += part_head(range, is_first).size() + range.size();
    is_first = false;
  }
  return total;
}

}  // namespace saker::http
