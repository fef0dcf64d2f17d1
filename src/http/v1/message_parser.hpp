#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <saker/http/exchange/limits.hpp>
#include <saker/http/message/headers.hpp>

#include "http/v1/body_sink.hpp"
#include "http/v1/head_scanner.hpp"
#include "http/v1/request_fault.hpp"

namespace saker::http::v1 {

struct request_line {
  std::string_view method;
  std::string_view target;
  int version = 11;  ///< 10 times the number.
};

/// Beast's grammar, with the storage and the limits of Saker.
class message_parser final : public boost::beast::http::basic_parser<true> {
 public:
  message_parser(const http_limits& limits, std::string_view storage)
      : limits_(limits), storage_(storage) {
    header_limit(static_cast<std::uint32_t>(-1));
    body_limit(boost::none);
    eager(true);
  }

  std::vector<headers::position> fields;
  request_line line;
  body_sink* sink = nullptr;
  std::optional<request_fault> fault;
  bool end_has_begun = false;  ///< The last chunk is there, and its trailers are not.
  headers trailers;

 private:
  static std::string_view to_view(boost::beast::string_view text) {
    return {text.data(), text.size()};
  }
  std::uint32_t offset(std::string_view part) const {
    return static_cast<std::uint32_t>(part.data() - storage_.data());
  }

  void on_request_impl(boost::beast::http::verb, boost::beast::string_view method_text,
                       boost::beast::string_view target_text, int version_number,
                       boost::beast::error_code&) override {
    line = {to_view(method_text), to_view(target_text), version_number};
  }
  void on_field_impl(boost::beast::http::field, boost::beast::string_view name,
                     boost::beast::string_view value, boost::beast::error_code& error) override {
    if (in_body_) {
      add_trailer(to_view(name), to_view(value), error);
      return;
    }
    fields.push_back({offset(to_view(name)), static_cast<std::uint32_t>(name.size()),
                      offset(to_view(value)), static_cast<std::uint32_t>(value.size())});
  }
  void on_header_impl(boost::beast::error_code&) override { in_body_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         boost::beast::error_code&) override {}
  std::size_t on_body_impl(boost::beast::string_view body, boost::beast::error_code&) override {
    return deliver(body);
  }
  void on_chunk_header_impl(std::uint64_t size, boost::beast::string_view extensions,
                            boost::beast::error_code& error) override {
    // The grammar lets control characters pass in quoted strings: a way to smuggle a line end.
    const auto text = to_view(extensions);
    if (std::any_of(text.begin(), text.end(), is_forbidden_in_line)) {
      refuse(400, "Bad chunk extension", error);
    } else if (size > max_chunk_size) {
      refuse(400, "Bad chunk size data.", error);
    }
  }
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body,
                                 boost::beast::error_code&) override {
    return deliver(body);
  }
  void on_finish_impl(boost::beast::error_code&) override {}
  void on_response_impl(int, boost::beast::string_view, int, boost::beast::error_code&) override {}

  std::size_t deliver(boost::beast::string_view body) {
    sink->on_body(std::as_bytes(std::span(body.data(), body.size())));
    return body.size();
  }
  void add_trailer(std::string_view name, std::string_view value, boost::beast::error_code& error) {
    trailers_size_ += name.size() + value.size();
    if (trailers.size() == limits_.max_request_header_count ||
        trailers_size_ > limits_.max_request_headers_total_size) {
      refuse(431, "The request trailers are too many.", error);
      return;
    }
    trailers.add(name, value);
  }
  void refuse(int status, const char* detail, boost::beast::error_code& error) {
    fault = request_fault{status, detail};
    error = boost::beast::http::error::bad_value;
  }

  static constexpr std::uint64_t max_chunk_size = 0x7fffffff;

  const http_limits& limits_;
  std::string_view storage_;
  std::size_t trailers_size_ = 0;
  bool in_body_ = false;
};

}  // namespace saker::http::v1
