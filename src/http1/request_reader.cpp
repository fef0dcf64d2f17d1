#include "http1/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "http1/request_rules.hpp"

namespace saker::http1 {

namespace beast = boost::beast::http;
using boost::beast::error_code;

namespace {

std::string_view to_view(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool is_forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

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

/// Beast's grammar, with the storage and the limits of Saker.
class request_reader::parser final : public beast::basic_parser<true> {
 public:
  parser(const http_limits& limits, std::string_view storage) : limits_(limits), storage_(storage) {
    header_limit(static_cast<std::uint32_t>(-1));
    body_limit(boost::none);
    eager(true);
  }

  std::vector<headers::position> fields;
  std::string_view method;
  std::string_view target;
  int version = 11;
  body_sink* sink = nullptr;
  std::optional<request_fault> fault;
  bool end_has_begun = false;  ///< The last chunk is there, and its trailers are not.
  std::uint64_t body_size = 0;
  headers trailers;

 private:
  std::uint32_t offset(std::string_view part) const {
    return static_cast<std::uint32_t>(part.data() - storage_.data());
  }

  void on_request_impl(beast::verb, boost::beast::string_view method_text,
                       boost::beast::string_view target_text, int version_number,
                       error_code&) override {
    method = to_view(method_text);
    target = to_view(target_text);
    version = version_number;
  }
  void on_field_impl(beast::field, boost::beast::string_view name, boost::beast::string_view value,
                     error_code& error) override {
    if (in_body_) {
      add_trailer(to_view(name), to_view(value), error);
      return;
    }
    fields.push_back({offset(to_view(name)), static_cast<std::uint32_t>(name.size()),
                      offset(to_view(value)), static_cast<std::uint32_t>(value.size())});
  }
  void on_header_impl(error_code&) override { in_body_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(boost::beast::string_view body, error_code& error) override {
    return deliver(body, error);
  }
  void on_chunk_header_impl(std::uint64_t size, boost::beast::string_view extensions,
                            error_code& error) override {
    // The grammar lets control characters pass in quoted strings: a way to smuggle a line end.
    const auto text = to_view(extensions);
    if (std::any_of(text.begin(), text.end(), is_forbidden)) {
      refuse(400, "Bad chunk extension", error);
    } else if (size > max_chunk_size) {
      refuse(400, "Bad chunk size data.", error);
    }
  }
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body,
                                 error_code& error) override {
    return deliver(body, error);
  }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}

  std::size_t deliver(boost::beast::string_view body, error_code& error) {
    body_size += body.size();
    if (limits_.max_request_body_size && body_size > *limits_.max_request_body_size) {
      refuse(413, "Request body too large.", error);
      return body.size();
    }
    sink->on_body(std::as_bytes(std::span(body.data(), body.size())));
    return body.size();
  }
  void add_trailer(std::string_view name, std::string_view value, error_code& error) {
    trailers_size_ += name.size() + value.size();
    if (trailers.size() == limits_.max_request_header_count ||
        trailers_size_ > limits_.max_request_headers_total_size) {
      refuse(431, "The request trailers are too many.", error);
      return;
    }
    trailers.add(name, value);
  }
  void refuse(int status, const char* detail, error_code& error) {
    fault = request_fault{status, detail};
    error = beast::error::bad_value;
  }

  static constexpr std::uint64_t max_chunk_size = 0x7fffffff;

  const http_limits& limits_;
  std::string_view storage_;
  std::size_t trailers_size_ = 0;
  bool in_body_ = false;
};

request_reader::request_reader(const http_limits& limits) : limits_(limits) {}
request_reader::~request_reader() = default;

request_reader::progress request_reader::refuse(int status, std::string detail) {
  fault_ = {status, std::move(detail)};
  return progress::fault;
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
  const auto state = scan(text);
  if (state != progress::head_complete) return {state, skipped};
  if (!parse_head(text.substr(0, head_size_))) return {progress::fault, skipped};
  return {progress::head_complete, skipped + head_size_};
}

/// Checks the lines that have come so far, each once, so that a fault is known as early as
/// possible and a slow sender costs no repeated work.
request_reader::progress request_reader::scan(std::string_view text) {
  for (;;) {
    const auto stop = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(scanned_), text.end(),
                                   is_forbidden);
    const auto known = static_cast<std::size_t>(stop - text.begin());
    if (lines_ == 0 && known > limits_.max_request_line_size) {
      return refuse(414, "Request line too long.");
    }
    if (lines_ > 0 && known - request_line_size_ > limits_.max_request_headers_total_size) {
      return refuse(431, "Request headers too long.");
    }
    scanned_ = known;
    if (known == text.size()) return progress::need_more;
    if (text[known] != '\r') {
      return refuse(400, "Bad line ending or character in the request head.");
    }
    if (known + 1 == text.size()) return progress::need_more;
    if (text[known + 1] != '\n') {
      return refuse(400, "Bad line ending or character in the request head.");
    }
    const auto line = text.substr(line_begin_, known - line_begin_);
    line_begin_ = scanned_ = known + 2;
    if (line.empty()) {
      head_size_ = line_begin_;
      return progress::head_complete;
    }
    if (!check_line(line)) return progress::fault;
  }
}

bool request_reader::check_line(std::string_view line) {
  if (++lines_ == 1) {
    request_line_size_ = line.size() + 2;
  } else if (lines_ - 1 > limits_.max_request_header_count) {
    refuse(431, "Request contains too many headers.");
  } else if (line.front() == ' ' || line.front() == '\t') {
    refuse(400, "Folded header lines are not accepted.");
  }
  return !fault_;
}

bool request_reader::parse_head(std::string_view head) {
  std::string storage(head);
  parser_ = std::make_unique<parser>(limits_, storage);
  parser_->fields.reserve(lines_ - 1);
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
  head_.method = parser_->method;
  head_.target = parser_->target;
  head_.protocol = parser_->version == 11 ? "HTTP/1.1" : "HTTP/1.0";
  facts_.minor_version = parser_->version - 10;
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

}  // namespace saker::http1
