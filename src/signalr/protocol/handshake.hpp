#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace saker::signalr {

/// The first thing that a client sends: which protocol it speaks.
struct handshake_request {
  std::string protocol;
  std::int64_t version = 0;
};

/// Reads what stands before the record separator. `protocol_error` when it is no request.
handshake_request parse_handshake(std::string_view text);

/// The answer, `{}` or an error, with its record separator.
std::string handshake_response(std::string_view error = {});

}  // namespace saker::signalr
