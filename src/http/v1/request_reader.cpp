#include "http/v1/request_reader.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "http/v1/message_parser.hpp"
#include "http/v1/request_rules.hpp"

namespace saker::http::v1 {

namespace beast = boost::beast::http;
using boost::beast::error_code;

namespace {

/// Whether what is left of a chunked body begins with the last chunk's line, which the trailers
/// follow.
bool are_trailers(std::span<const std::byte> left) noexcept {
  std::string_view text(reinterpret_cast<const char*>(left.data()), left.size());
  if (text.starts_with("\r\n")) text.remove_prefix(2);
  const auto line = text.substr(0, text.find('\n'));
  const auto digits = line.substr(0, line.find_first_of(";\r \t"));
  return line.size() < text.size() && !digits.empty() &&
         digits.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

request_reader::request_reader(const http_limits& limits) : limits_(limits), scanner_(limits) {}
request_reader::~request_reader() = default;

void request_reader::refuse(int status, std::string detail) {
  fault_ = {status, std::move(detail)};
}

request_reader::head_result request_reader::read_head(std::span<const std::byte> data) {
  std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
  std::size_t skipped = 0;
  while (!begun_ && text.starts_with("\r\n")) {
    text.remove_prefix(2);
    skipped += 2;
  }
  if (text.empty() || (!begun_ && text == "\r")) return {progress::need_more, skipped};
  begun_ = true;
  if (auto fault = scanner_.scan(text)) {
    fault_ = *std::move(fault);
    return {progress::fault, skipped};
  }
  const auto size = scanner_.head_size();
  if (size == 0) return {progress::need_more, skipped};
  if (!parse_head(text.substr(0, size))) return {progress::fault, skipped};
  return {progress::head_complete, skipped + size};
}

bool request_reader::parse_head(std::string_view head) {
  std::string storage(head);
  parser_ = std::make_unique<message_parser>(limits_, storage);
  parser_->fields.reserve(scanner_.field_count());
  error_code error;
  parser_->put(boost::asio::buffer(storage), error);
  if (error && error != beast::error::need_more) {
    // Beast knows the rules of the body's length as well; ours say more about them.
    if (error == beast::error::bad_version) {
      refuse(505, "Unrecognized HTTP version.");
      return false;
    }
    if (parser_->fields.empty() ||
        (error != beast::error::bad_content_length &&
         error != beast::error::bad_transfer_encoding && error != beast::error::bad_value)) {
      refuse(400, "Malformed request: " + error.message());
      return false;
    }
  }
  const auto& line = parser_->line;
  head_.method = line.method;
  head_.target = line.target;
  head_.protocol = line.version == 11 ? "HTTP/1.1" : "HTTP/1.0";
  facts_.minor_version = line.version - 10;
  head_.fields = headers(std::move(storage), std::move(parser_->fields));
  fault_ = apply_request_rules(head_, facts_);
  if (!fault_ && error && error != beast::error::need_more) {
    refuse(400, "Malformed request: " + error.message());
  }
  return !fault_;
}

http::request_head request_reader::take_head() { return std::move(head_); }

std::size_t request_reader::read_body(std::span<const std::byte> data, body_sink& sink) {
  constexpr std::size_t longest_chunk_line = 16 * 1024;
  constexpr std::size_t shortest_end = 5;
  parser_->sink = &sink;
  std::size_t used = 0;
  while (used < data.size() && !parser_->is_done() && !fault_) {
    error_code error;
    const auto rest = data.subspan(used);
    // Beast asserts that the last chunk is shown again with no less.
    if (parser_->end_has_begun && rest.size() < shortest_end) break;
    const auto count = parser_->put(boost::asio::buffer(rest.data(), rest.size()), error);
    used += count;
    if (error && error != beast::error::need_more) {
      fault_ =
          parser_->fault.value_or(request_fault{400, "Malformed request body: " + error.message()});
    } else if (error) {
      // It wants more, and is shown what it has left again.
      const auto left = data.subspan(used);
      parser_->end_has_begun = are_trailers(left);
      if (!parser_->end_has_begun) {
        if (left.size() > longest_chunk_line) refuse(400, "Bad chunk size data.");
      } else if (left.size() > longest_chunk_line + limits_.max_request_headers_total_size) {
        refuse(431, "The request trailers are too many.");
      }
      if (count == 0) break;
    } else if (count == 0) {
      break;
    }
  }
  return used;
}

headers request_reader::take_trailers() { return std::move(parser_->trailers); }

bool request_reader::body_complete() const noexcept { return parser_->is_done(); }

std::optional<std::uint64_t> request_reader::body_left() const noexcept {
  if (!parser_ || !parser_->is_header_done()) return {};
  const auto left = parser_->content_length_remaining();
  return left ? std::optional<std::uint64_t>(*left) : std::nullopt;
}

}  // namespace saker::http::v1
