#pragma once

#include <string_view>

#include <saker/http/message/headers.hpp>

namespace saker::http {

/// Tells caches that the answer depends on that field of the request (RFC 9110, section 12.5.5).
inline void vary_by(headers& answer, std::string_view field) {
  if (answer.list_contains("Vary", field) || answer.list_contains("Vary", "*")) return;
  answer.add("Vary", field);
}

}  // namespace saker::http
