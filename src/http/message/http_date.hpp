#pragma once

#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace saker::http {

/// The IMF-fixdate of RFC 9110, section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". Independent of the
/// locale. Times outside the years 0 to 9999 become the nearest that can be written.
std::string format_http_date(std::time_t time);
std::string format_http_date(std::chrono::system_clock::time_point time);

/// The Date field of now, made once a second. Valid until the next call of the same thread.
std::string_view current_http_date();

/// Reads any of the three formats of section 5.6.7: IMF-fixdate, RFC 850 and asctime.
std::optional<std::time_t> parse_http_date(std::string_view text) noexcept;

}  // namespace saker::http
