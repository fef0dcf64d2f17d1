#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <saker/http/exchange/http2_limits.hpp>

namespace saker::http::v2 {

class stream;

/// What nghttp2 tells a connection. A function that gives a bool stops nghttp2 with false: the
/// connection is beyond repair.
class session_events {
 public:
  virtual bool on_frame_begun(const nghttp2_frame_hd& head) = 0;
  virtual bool on_begin_headers(const nghttp2_frame& frame) = 0;
  virtual bool on_header(std::string_view name, std::string_view value) = 0;
  virtual bool on_frame_received(const nghttp2_frame& frame) = 0;
  virtual void on_data(stream& to, std::span<std::byte> data) = 0;
  virtual void on_stream_closed(stream& closed, std::uint32_t code) = 0;
  virtual void on_frame_sent(const nghttp2_frame& frame) = 0;
  /// False: not now.
  virtual bool send_data(stream& from, std::span<const std::byte> frame_head, std::size_t size) = 0;

 protected:
  ~session_events() = default;
};

/// nghttp2's side of a connection.
class session {
 public:
  session(session_events& events, const http2_limits& limits);

  nghttp2_session* get() const noexcept { return session_.get(); }
  stream* find(std::int32_t id) const noexcept {
    return static_cast<stream*>(nghttp2_session_get_stream_user_data(session_.get(), id));
  }
  /// Open, half-closed, or about to be reset: nghttp2 knows what to do with its frames.
  bool is_open(std::int32_t id) const noexcept;

 private:
  struct deleter {
    void operator()(nghttp2_session* session) const noexcept { nghttp2_session_del(session); }
  };
  std::unique_ptr<nghttp2_session, deleter> session_;
};

}  // namespace saker::http::v2
