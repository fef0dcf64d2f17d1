#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saker/http/headers.hpp>
#include <saker/http/url.hpp>

namespace saker::signalr {

/// The first value of that name: SignalR's query keys compare without regard to case.
inline std::optional<std::string> find_query_value(
    const std::vector<std::pair<std::string, std::string>>& query, std::string_view name) {
  for (const auto& [key, value] : query) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

}  // namespace saker::signalr
