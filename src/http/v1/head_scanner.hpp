#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/v1/request_fault.hpp"

namespace saker {
struct http_limits;
}

namespace saker::http::v1 {

/// Control characters, of which lines may have tabs alone.
constexpr bool is_forbidden_in_line(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

/// Finds the end of a head that comes in pieces, and checks its lines as they come: a fault is
/// known as early as possible, and a slow sender costs no repeated work. No I/O.
class head_scanner {
 public:
  explicit head_scanner(const http_limits& limits) noexcept : limits_(limits) {}

  /// Goes on with the whole of what has come. Absent: there is no fault in it.
  std::optional<request_fault> scan(std::string_view text);
  /// 0: the end has not come.
  std::size_t head_size() const noexcept { return head_size_; }
  std::size_t field_count() const noexcept { return lines_ - 1; }

 private:
  std::optional<request_fault> check_size(std::size_t known) const;
  std::optional<request_fault> check_line(std::string_view line);

  const http_limits& limits_;
  std::size_t line_begin_ = 0;
  std::size_t scanned_ = 0;
  std::size_t lines_ = 0;
  std::size_t request_line_size_ = 0;
  std::size_t head_size_ = 0;
};

}  // namespace saker::http::v1
