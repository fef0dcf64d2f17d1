#include "http/v1/head_scanner.hpp"

#include <saker/http/exchange/limits.hpp>

#include <algorithm>

namespace saker::http::v1 {

std::optional<request_fault> head_scanner::scan(std::string_view text) {
  while (head_size_ == 0) {
    const auto stop = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(scanned_), text.end(),
                                   is_forbidden_in_line);
    const auto known = static_cast<std::size_t>(stop - text.begin());
    if (auto fault = check_size(known)) return fault;
    scanned_ = known;
    if (known == text.size()) return std::nullopt;
    const auto end = text.substr(known, 2);
    if (end == "\r") return std::nullopt;
    if (end != "\r\n") {
      return request_fault{400, "Bad line ending or character in the request head."};
    }
    const auto line = text.substr(line_begin_, known - line_begin_);
    line_begin_ = scanned_ = known + 2;
    if (line.empty()) {
      head_size_ = line_begin_;
    } else if (auto fault = check_line(line)) {
      return fault;
    }
  }
  return std::nullopt;
}

std::optional<request_fault> head_scanner::check_size(std::size_t known) const {
  if (lines_ == 0 && known > limits_.max_request_line_size) {
    return request_fault{414, "Request line too long."};
  }
  if (lines_ > 0 && known - request_line_size_ > limits_.max_request_headers_total_size) {
    return request_fault{431, "Request headers too long."};
  }
  return std::nullopt;
}

std::optional<request_fault> head_scanner::check_line(std::string_view line) {
  if (++lines_ == 1) {
    request_line_size_ = line.size() + 2;
  } else if (lines_ - 1 > limits_.max_request_header_count) {
    return request_fault{431, "Request contains too many headers."};
  } else if (line.front() == ' ' || line.front() == '\t') {
    return request_fault{400, "Folded header lines are not accepted."};
  }
  return std::nullopt;
}

}  // namespace saker::http::v1
