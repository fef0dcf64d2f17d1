#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <saker/http/exchange/limits.hpp>

#include "http/message/request_head.hpp"
#include "http/v1/body_sink.hpp"
#include "http/v1/head_scanner.hpp"
#include "http/v1/request_fault.hpp"

namespace saker::http::v1 {

class message_parser;

/// What a head says besides its fields.
struct head_facts {
  int minor_version = 1;
  bool keep_alive = true;
  bool chunked = false;
};

/// Reads one HTTP/1 request: bytes in, a head and body pieces out. No I/O.
///
/// Lines end with CRLF and nothing else (RFC 9112, 2.2, taken strictly, chunk lines included);
/// the grammar of lines and chunks is Beast's. Every fault carries the status that answers it.
class request_reader {
 public:
  explicit request_reader(const http_limits& limits);
  ~request_reader();
  request_reader(const request_reader&) = delete;
  request_reader& operator=(const request_reader&) = delete;

  enum class progress { need_more, head_complete, fault };
  struct head_result {
    progress state;
    std::size_t used;
  };

  /// Looks for a whole head at the front of the data; takes it all or nothing (but for blank
  /// lines before it). Call it again with the same bytes and more.
  head_result read_head(std::span<const std::byte> data);
  /// True once a byte of a request has been seen.
  bool has_begun() const noexcept { return begun_; }

  /// After `head_complete`: the head, to be moved on, and what it means.
  http::request_head take_head();
  const head_facts& facts() const noexcept { return facts_; }

  /// Reads what belongs to the body and says how many bytes that were.
  std::size_t read_body(std::span<const std::byte> data, body_sink& sink);
  bool body_complete() const noexcept;
  /// Absent where no length was given.
  std::optional<std::uint64_t> body_left() const noexcept;
  /// After the body: the fields that followed it.
  headers take_trailers();

  const request_fault& fault() const noexcept { return fault_; }

 private:
  void refuse(int status, std::string detail);
  bool parse_head(std::string_view head);

  const http_limits& limits_;
  head_scanner scanner_;
  std::unique_ptr<message_parser> parser_;
  http::request_head head_;
  head_facts facts_;
  request_fault fault_;
  bool begun_ = false;
};

}  // namespace saker::http::v1
