#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace saker::signalr {

/// Appends one event of a text/event-stream: a `data:` line for each line of the payload,
/// whichever of CR, LF and CRLF ends it: a client takes each for the end of a line.
inline void append_event(std::string& out, std::span<const std::byte> payload) {
  std::string_view rest(reinterpret_cast<const char*>(payload.data()), payload.size());
  for (;;) {
    const auto end = rest.find_first_of("\r\n");
    out.append("data: ").append(rest.substr(0, end)).append("\r\n");
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + (rest.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  out.append("\r\n");
}

}  // namespace saker::signalr
