#pragma once

#include <ctime>
#include <string_view>

#include <saker/http/message/headers.hpp>

namespace saker::http {

/// What identifies the present version of a representation.
struct validators {
  std::string_view etag;  ///< With its quotes.
  std::time_t last_modified = 0;
  std::time_t now = 0;  ///< When the request is answered.

  /// The date names one version only once its second is over: until then there may be another
  /// (RFC 9110, section 8.8.2.2).
  bool is_date_strong() const noexcept { return last_modified < now; }
};

enum class precondition { proceed, not_modified, failed };

/// If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since of a GET or HEAD request, in
/// the order of precedence of RFC 9110, section 13.2.2. A date field that is malformed or comes
/// more than once is ignored, and so is a member of a list that is no entity tag.
precondition evaluate_preconditions(const headers& fields, const validators& current);

/// Whether a Range field counts: there is no If-Range, or it names the present version by a strong
/// validator (section 13.1.5).
bool is_range_current(const headers& fields, const validators& current) noexcept;

/// Strong comparison of RFC 9110, section 8.8.3.2.
bool matches_strongly(std::string_view left, std::string_view right) noexcept;
bool matches_weakly(std::string_view left, std::string_view right) noexcept;

}  // namespace saker::http
