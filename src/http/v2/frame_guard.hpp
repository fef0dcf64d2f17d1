#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <saker/http/exchange/http2_limits.hpp>

#include "async/token_bucket.hpp"
#include "http/v2/frame_scanner.hpp"
#include "http/v2/stream_ids.hpp"

namespace saker::http::v2 {

class session;

/// Why a connection is to be ended.
struct connection_fault {
  std::uint32_t code = 0;  ///< 0: it is not.
  std::string_view text;
};

/// Judges what a client sends by how often it does so, and on which streams: floods, rapid resets,
/// frames on streams that are not open (RFC 9113, sections 5.1 and 5.1.1). No I/O.
///
/// A function that returns false has found a fault of the connection.
class frame_guard {
 public:
  frame_guard(const http2_limits& limits, const session& nghttp2);

  /// Finds the frames ahead of nghttp2.
  frame_scanner& scanner() noexcept { return scanner_; }
  std::uint32_t highest_stream() const noexcept { return ids_.highest(); }

  // `second` is any clock that counts seconds.
  bool check_frame(const nghttp2_frame_hd& head, std::uint64_t second);
  /// HEADERS, which `opens`, or DATA on a stream that is not open any more.
  bool check_closed(std::uint32_t id, bool opens, std::uint64_t second);
  bool count_reset(std::uint64_t second);
  /// A stream is refused since too many that were reset still run in the application.
  bool count_refusal(std::uint64_t second);
  void note_data_sent() noexcept;
  void note_reset(std::int32_t id, std::uint64_t second) {
    ids_.note_reset(static_cast<std::uint32_t>(id), second);
  }
  /// The final GOAWAY is sent: nghttp2 opens nothing any more.
  void note_ending() noexcept { ending_ = true; }

  /// Says why the connection is to be ended. False.
  bool refuse(std::uint32_t code, std::string_view why) noexcept;
  const connection_fault& fault() const noexcept { return fault_; }

 private:
  bool check_headers(std::int32_t id, std::uint64_t second);
  bool count_control_frame(std::uint64_t second);

  const http2_limits& limits_;
  const session& session_;
  frame_scanner scanner_;
  stream_ids ids_;
  async::token_bucket resets_;
  async::token_bucket control_frames_;
  std::uint32_t window_updates_allowed_ = 0;
  std::uint32_t continuations_ = 0;   ///< After the last HEADERS.
  std::uint64_t refusal_window_ = 0;  ///< The five seconds that are counted.
  std::uint32_t refusals_ = 0;
  bool ending_ = false;
  connection_fault fault_;
};

}  // namespace saker::http::v2
