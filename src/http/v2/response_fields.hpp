#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace saker::http::v2 {

/// The fields of a response, or its trailers, as nghttp2 takes them. What is added must stay valid
/// until they are submitted; what it makes itself is kept in it. One at a time for each thread.
class response_fields {
 public:
  response_fields() : fields_(scratch()) { fields_.clear(); }
  /// Begins with the status and the date.
  explicit response_fields(int status);
  response_fields(const response_fields&) = delete;
  response_fields& operator=(const response_fields&) = delete;

  void add(std::string_view name, std::string_view value);
  /// Leaves out what belongs to one connection of HTTP/1.1 (RFC 9113, section 8.2.2).
  void add_unless_of_connection(std::string_view name, std::string_view value);
  void add_length(std::size_t size);

  const std::vector<nghttp2_nv>& all() const noexcept { return fields_; }

 private:
  static std::vector<nghttp2_nv>& scratch();

  std::array<char, 12> status_;
  std::array<char, 20> length_;
  std::vector<nghttp2_nv>& fields_;
};

}  // namespace saker::http::v2
