#include "http/v2/session.hpp"

#include <limits>
#include <new>

namespace saker::http::v2 {
namespace {

session_events& events_of(void* user_data) { return *static_cast<session_events*>(user_data); }

int result_of(bool fine) { return fine ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE; }

std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

int begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user_data) {
  return result_of(events_of(user_data).on_frame_begun(*head));
}

int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  return result_of(events_of(user_data).on_begin_headers(*frame));
}

int header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
           const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user_data) {
  return result_of(events_of(user_data).on_header(text(name, name_size), text(value, value_size)));
}

int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  return result_of(events_of(user_data).on_frame_received(*frame));
}

int data_chunk(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* data,
               std::size_t size, void* user_data) {
  auto* const to = static_cast<stream*>(nghttp2_session_get_stream_user_data(session, id));
  if (!to) {
    nghttp2_session_consume(session, id, size);
    return 0;
  }
  // It points into what `nghttp2_session_mem_recv` was given, which is ours to change.
  auto* const bytes = reinterpret_cast<std::byte*>(const_cast<std::uint8_t*>(data));
  events_of(user_data).on_data(*to, {bytes, size});
  return 0;
}

int stream_closed(nghttp2_session* session, std::int32_t id, std::uint32_t code, void* user_data) {
  auto* const closed = static_cast<stream*>(nghttp2_session_get_stream_user_data(session, id));
  if (closed) events_of(user_data).on_stream_closed(*closed, code);
  return 0;
}

int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  events_of(user_data).on_frame_sent(*frame);
  return 0;
}

int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* frame_head, std::size_t size,
              nghttp2_data_source* source, void* user_data) {
  constexpr std::size_t head_size = 9;
  const bool sent = events_of(user_data).send_data(
      *static_cast<stream*>(source->ptr), std::as_bytes(std::span(frame_head, head_size)), size);
  return sent ? 0 : static_cast<int>(NGHTTP2_ERR_WOULDBLOCK);
}

struct callbacks_deleter {
  void operator()(nghttp2_session_callbacks* callbacks) const noexcept {
    nghttp2_session_callbacks_del(callbacks);
  }
};
using owned_callbacks = std::unique_ptr<nghttp2_session_callbacks, callbacks_deleter>;

owned_callbacks make_callbacks() {
  nghttp2_session_callbacks* made = nullptr;
  if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
  nghttp2_session_callbacks_set_on_begin_frame_callback(made, begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(made, header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_received);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data_chunk);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, stream_closed);
  nghttp2_session_callbacks_set_on_frame_send_callback(made, frame_sent);
  nghttp2_session_callbacks_set_send_data_callback(made, send_data);
  return owned_callbacks(made);
}

struct option_deleter {
  void operator()(nghttp2_option* option) const noexcept { nghttp2_option_del(option); }
};
using owned_option = std::unique_ptr<nghttp2_option, option_deleter>;

owned_option make_option(const http2_limits& limits) {
  nghttp2_option* made = nullptr;
  if (nghttp2_option_new(&made) != 0) throw std::bad_alloc();
  owned_option option(made);
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);
  // The connection counts acknowledgements itself: those that it cannot send.
  nghttp2_option_set_max_outbound_ack(made, std::numeric_limits<std::size_t>::max());
  nghttp2_option_set_max_settings(made, limits.max_settings_per_frame);
#ifdef SAKER_NGHTTP2_HAS_MAX_CONTINUATIONS
  // The connection counts the frames: nghttp2 counts the pieces in which the head of one arrives.
  constexpr std::size_t frame_head = 9;
  nghttp2_option_set_max_continuations(made, limits.max_continuations * frame_head);
#endif
#ifdef SAKER_NGHTTP2_HAS_RESET_RATE_LIMIT
  // The connection counts resets itself, those of both sides.
  nghttp2_option_set_stream_reset_rate_limit(made, std::numeric_limits<std::uint64_t>::max() / 2,
                                             1);
#endif
  return option;
}

}  // namespace

session::session(session_events& events, const http2_limits& limits) : limits_(limits) {
  static const auto callbacks = make_callbacks();
  const auto option = make_option(limits);
  nghttp2_session* made = nullptr;
  if (nghttp2_session_server_new2(&made, callbacks.get(), &events, option.get()) != 0) {
    throw std::bad_alloc();
  }
  session_.reset(made);
}

bool session::keep_input(std::size_t bytes) {
  kept_input_ += bytes;
  uncredited_ += bytes;
  return settle_window();
}

bool session::release_input(std::size_t bytes) {
  kept_input_ -= bytes;
  return settle_window();
}

/// The connection's window is given back as soon as data have come, so that a stream whose handler
/// does not read stops no other; but only as long as the connection as a whole keeps little.
bool session::settle_window() {
  const auto most = limits_.max_connection_buffer_size;
  const auto held = kept_input_ > most ? kept_input_ - most : 0;
  if (uncredited_ < held + largest_credit_step) return false;
  nghttp2_session_consume_connection(session_.get(), uncredited_ - held);
  uncredited_ = held;
  return true;
}

void session::credit(std::int32_t id, std::size_t bytes) {
  nghttp2_session_consume_stream(session_.get(), id, bytes);
}

void session::set_window(std::int32_t id, std::uint32_t size) {
  nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, id,
                                        static_cast<std::int32_t>(size));
}

bool session::is_window_closed(std::int32_t id) const noexcept {
  return nghttp2_session_get_stream_remote_window_size(session_.get(), id) <= 0;
}

bool session::is_open(std::int32_t id) const noexcept {
  auto* const found = nghttp2_session_find_stream(session_.get(), id);
  if (!found) return false;
  // Streams that PRIORITY has named may be there as well.
  const auto state = nghttp2_stream_get_state(found);
  return state != NGHTTP2_STREAM_STATE_IDLE && state != NGHTTP2_STREAM_STATE_CLOSED;
}

}  // namespace saker::http::v2
