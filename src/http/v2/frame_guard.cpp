#include "http/v2/frame_guard.hpp"

#include <algorithm>

#include "http/v2/session.hpp"

namespace saker::http::v2 {
namespace {

constexpr std::uint32_t window_updates_per_data = 10;
constexpr std::uint32_t most_window_updates_allowed = 1000;
/// Seconds.
constexpr std::uint32_t refusal_window = 5;

}  // namespace

frame_guard::frame_guard(const http2_limits& limits, const session& nghttp2)
    : limits_(limits),
      session_(nghttp2),
      ids_(limits.max_streams_per_connection),
      resets_(limits.stream_reset_burst, limits.stream_reset_rate),
      control_frames_(limits.control_frame_burst, limits.control_frame_rate) {}

bool frame_guard::refuse(std::uint32_t code, std::string_view why) noexcept {
  fault_ = {code, why};
  return false;
}

bool frame_guard::check_frame(const nghttp2_frame_hd& head, std::uint64_t second) {
  switch (head.type) {
    case NGHTTP2_HEADERS: continuations_ = 0; return check_headers(head.stream_id, second);
    case NGHTTP2_CONTINUATION:
      return ++continuations_ <= limits_.max_continuations ||
             refuse(NGHTTP2_ENHANCE_YOUR_CALM, "Too many CONTINUATION frames.");
    case NGHTTP2_RST_STREAM:
    case NGHTTP2_GOAWAY:
    case NGHTTP2_PUSH_PROMISE: return true;
    case NGHTTP2_DATA:
      if (head.length > 0 || (head.flags & NGHTTP2_FLAG_END_STREAM)) return true;
      break;
    case NGHTTP2_WINDOW_UPDATE:
      if (window_updates_allowed_ > 0) {
        --window_updates_allowed_;
        return true;
      }
      break;
    default: break;
  }
  return count_control_frame(second);
}

bool frame_guard::check_headers(std::int32_t id, std::uint64_t second) {
  const auto number = static_cast<std::uint32_t>(id);
  if (number % 2 == 0) return true;  // An error, says nghttp2.
  if (number <= ids_.highest()) return session_.is_open(id) || check_closed(number, true, second);
  ids_.open(number);
  return true;
}

bool frame_guard::check_closed(std::uint32_t id, bool opens, std::uint64_t second) {
  if (ending_) return count_control_frame(second);
  switch (ids_.judge(id, second)) {
    case stream_ids::verdict::ignored: return !opens || count_control_frame(second);
    case stream_ids::verdict::never_opened:
      if (opens) return refuse(NGHTTP2_PROTOCOL_ERROR, "A stream below one that was opened.");
      break;
    case stream_ids::verdict::closed: break;
  }
  return refuse(NGHTTP2_STREAM_CLOSED, "A frame on a stream that was closed.");
}

bool frame_guard::count_control_frame(std::uint64_t second) {
  return control_frames_.take(second) ||
         refuse(NGHTTP2_ENHANCE_YOUR_CALM, "Too many frames that carry nothing.");
}

bool frame_guard::count_reset(std::uint64_t second) {
  return resets_.take(second) || refuse(NGHTTP2_ENHANCE_YOUR_CALM, "Too many streams were reset.");
}

bool frame_guard::count_refusal(std::uint64_t second) {
  if (const auto current = second / refusal_window; current != refusal_window_) {
    refusal_window_ = current;
    refusals_ = 0;
  }
  const auto allowed = limits_.max_enhance_your_calm_count;
  return allowed == 0 || ++refusals_ <= refusal_window * allowed ||
         refuse(NGHTTP2_ENHANCE_YOUR_CALM, "Too many streams that have not finished processing.");
}

void frame_guard::note_data_sent() noexcept {
  window_updates_allowed_ =
      std::min(window_updates_allowed_ + window_updates_per_data, most_window_updates_allowed);
}

}  // namespace saker::http::v2
