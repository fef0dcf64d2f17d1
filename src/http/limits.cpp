#include <saker/http/limits.hpp>

#include <stdexcept>
#include <string>

namespace saker {
namespace {

[[noreturn]] void refuse(const char* option, const char* allowed) {
  throw std::invalid_argument(std::string("http_limits::") + option + " must be " + allowed + ".");
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
}

}  // namespace saker
