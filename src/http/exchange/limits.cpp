#include <saker/http/exchange/limits.hpp>

#include <stdexcept>
#include <string>

namespace saker {
namespace {

[[noreturn]] void refuse(const char* option, const char* allowed) {
  throw std::invalid_argument(std::string("http_limits::") + option + " must be " + allowed + ".");
}

[[noreturn]] void refuse_http2(const char* option, const char* allowed) {
  throw std::invalid_argument(std::string("http2_limits::") + option + " must be " + allowed + ".");
}

void require_window(const char* option, std::uint32_t size) {
  if (size < 65'535 || size > 2'147'483'647) {
    refuse_http2(option, "from 65,535 to 2,147,483,647 bytes");
  }
}

void require_one(const char* option, std::size_t value) {
  if (value < 1) refuse_http2(option, "1 or more");
}

}  // namespace

void http_limits::validate() const {
  using std::chrono::milliseconds;
  if (max_concurrent_connections && *max_concurrent_connections < 1) {
    refuse("max_concurrent_connections", "1 or more, or absent");
  }
  if (max_request_line_size < 1) refuse("max_request_line_size", "1 byte or more");
  if (max_request_headers_total_size < 1) {
    refuse("max_request_headers_total_size", "1 byte or more");
  }
  if (max_request_header_count < 1) refuse("max_request_header_count", "1 or more");
  if (request_headers_timeout <= milliseconds(0)) refuse("request_headers_timeout", "more than 0");
  if (keep_alive_timeout <= milliseconds(0)) refuse("keep_alive_timeout", "more than 0");
  if (min_data_rate_grace_period <= milliseconds(1000)) {
    refuse("min_data_rate_grace_period", "more than 1 second");
  }
  if (max_request_buffer_size < 1) refuse("max_request_buffer_size", "1 byte or more");
  http2.validate();
}

void http2_limits::validate() const {
  using std::chrono::seconds;
  require_one("max_streams_per_connection", max_streams_per_connection);
  if (max_frame_size < 16'384 || max_frame_size > 16'777'215) {
    refuse_http2("max_frame_size", "from 16,384 to 16,777,215 bytes");
  }
  if (max_request_header_field_size < 1 || max_request_header_field_size > 65'536) {
    refuse_http2("max_request_header_field_size", "from 1 to 65,536 bytes");
  }
  require_window("initial_connection_window_size", initial_connection_window_size);
  require_window("initial_stream_window_size", initial_stream_window_size);
  if (keep_alive_ping_delay < seconds(1)) refuse_http2("keep_alive_ping_delay", "1 s or more");
  if (keep_alive_ping_timeout < seconds(1)) refuse_http2("keep_alive_ping_timeout", "1 s or more");
  require_one("max_connection_buffer_size", max_connection_buffer_size);
  require_one("stream_reset_burst", stream_reset_burst);
  require_one("stream_reset_rate", stream_reset_rate);
  require_one("control_frame_burst", control_frame_burst);
  require_one("control_frame_rate", control_frame_rate);
  require_one("max_queued_acknowledgements", max_queued_acknowledgements);
  require_one("max_settings_per_frame", max_settings_per_frame);
  require_one("max_continuations", max_continuations);
}

}  // namespace saker
