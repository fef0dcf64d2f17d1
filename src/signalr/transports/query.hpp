#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <saker/http/message/headers.hpp>
#include <saker/http/message/url.hpp>

namespace saker::signalr {

/// The first value of that name: SignalR's query keys compare without regard to case. A request
/// would keep what it has parsed for as long as its WebSocket.
inline std::optional<std::string> find_query_value(std::string_view query, std::string_view name) {
  for (auto& [key, value] : parse_query(query)) {
    if (equals_ignoring_case(key, name)) return std::move(value);
  }
  return std::nullopt;
}

}  // namespace saker::signalr
