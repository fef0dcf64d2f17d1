#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace saker::signalr {

/// Appends one event of a text/event-stream: a `data:` line for each line of the payload.
inline void append_event(std::string& out, std::span<const std::byte> payload) {
  std::string_view rest(reinterpret_cast<const char*>(payload.data()), payload.size());
  for (;;) {
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
    out.append("data: ").append(line).append("\r\n");
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  out.append("\r\n");
}

}  // namespace saker::signalr
