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

/// Windows are given back in steps: each WINDOW_UPDATE that is saved is a frame less.
inline constexpr std::size_t largest_credit_step = 16 * 1024;

/// What nghttp2 tells a connection. A function that returns a bool stops nghttp2 with false: the
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

/// nghttp2's side of a connection, and the windows of what the client sends.
class session {
 public:
  session(session_events& events, const http2_limits& limits);

  nghttp2_session* get() const noexcept { return session_.get(); }
  stream* find(std::int32_t id) const noexcept {
    return static_cast<stream*>(nghttp2_session_get_stream_user_data(session_.get(), id));
  }
  /// Bytes that have come and that a handler has not taken; then that it has. True: there is
  /// something to send.
  bool keep_input(std::size_t bytes);
  bool release_input(std::size_t bytes);
  /// Gives the client's window of a stream back what was taken.
  void credit(std::int32_t id, std::size_t bytes);
  void set_window(std::int32_t id, std::uint32_t size);
  /// The client lets nothing more come on that stream.
  bool is_window_closed(std::int32_t id) const noexcept;
  /// Of the last GOAWAY that was sent.
  std::uint32_t goaway_code() const noexcept { return goaway_code_; }
  void note_goaway(std::uint32_t code) noexcept { goaway_code_ = code; }

  /// Open, half-closed, or about to be reset: nghttp2 knows what to do with its frames.
  bool is_open(std::int32_t id) const noexcept;

 private:
  struct deleter {
    void operator()(nghttp2_session* session) const noexcept { nghttp2_session_del(session); }
  };
  bool settle_window();

  const http2_limits& limits_;
  std::unique_ptr<nghttp2_session, deleter> session_;
  std::size_t kept_input_ = 0;
  std::size_t uncredited_ = 0;  ///< Of the connection's window.
  std::uint32_t goaway_code_ = 0;
};

}  // namespace saker::http::v2
