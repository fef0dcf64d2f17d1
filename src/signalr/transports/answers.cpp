#include "signalr/transports/answers.hpp"

#include "signalr/transports/transport_traits.hpp"

namespace saker::signalr {

task<void> answer_text(http_context& context, int status, std::string_view text) {
  context.response().set_status(status);
  if (status == 204) {
    context.response().set_content_type("text/plain");
    return {};
  }
  return context.response().send(text, "text/plain");
}

task<void> refuse_method(http_context& context, std::string_view allowed) {
  context.response().headers().set("Allow", allowed);
  return answer_text(context, 405, {});
}

refusal refusal_of(claim_result result, transport_type wanted) {
  switch (result) {
    case claim_result::claimed: return {};
    case claim_result::gone: return {404, {}};
    case claim_result::unsupported:
      return {404,
              std::string(name_of(wanted)) + " transport not supported by this end point type"};
    case claim_result::other_transport: return {400, "Cannot change transports mid-connection"};
    case claim_result::conflict: return {409, {}};
    case claim_result::closing: return {204, {}};
    case claim_result::refused: return {403, {}};
  }
  return {};
}

void forbid_caching(http_context& context) {
  auto& headers = context.response().headers();
  headers.set("Cache-Control", "no-cache, no-store");
  headers.set("Pragma", "no-cache");
  headers.set("Expires", "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace saker::signalr
