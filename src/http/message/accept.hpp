#pragma once

#include <string_view>
#include <vector>

#include <saker/http/message/headers.hpp>

namespace saker::http {

/// What a client thinks of a media type (RFC 9110, section 12.5.1).
struct acceptance {
  enum class precision { none, any, any_subtype, exact };

  /// In thousandths; 0: not acceptable.
  int quality = 0;
  /// How exactly its most precise media range names the type.
  precision named = precision::none;
};

/// Without `Accept` everything is as good. The parameters of media types are not compared.
acceptance acceptance_of(const headers& request, std::string_view media_type);

/// What a client thinks of a content coding (section 12.5.3), by the members of its
/// `Accept-Encoding`; in thousandths, 0: not acceptable. `identity` is acceptable, last of all,
/// unless they say otherwise.
int coding_quality(const std::vector<std::string_view>& accepted, std::string_view coding);

}  // namespace saker::http
