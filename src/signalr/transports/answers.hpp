#pragma once

#include <string>
#include <string_view>

#include <saker/http/exchange/context.hpp>

#include "signalr/transports/connection.hpp"

namespace saker::signalr {

/// Why a request is answered with an error (the table of statuses in the documentation).
struct refusal {
  int status = 0;
  std::string text;
};

/// An answer of plain text, which may be empty.
task<void> answer_text(http_context& context, int status, std::string_view text);

/// 405, with what is allowed instead (RFC 9110, section 15.5.6).
task<void> refuse_method(http_context& context, std::string_view allowed);

/// The refusal of a transport, or status 0 when it was not refused.
refusal refusal_of(claim_result result, transport_type wanted);

/// What tells caches to keep nothing of a poll.
void forbid_caching(http_context& context);

}  // namespace saker::signalr
