#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/resume_on.hpp"
#include "signalr/transports/answers.hpp"
#include "signalr/transports/connection.hpp"
#include "signalr/transports/connection_endpoint.hpp"
#include "signalr/transports/event_format.hpp"
#include "signalr/waiting_bytes.hpp"

namespace saker::signalr {
namespace {

/// What is ready together leaves together, in events of about that size.
std::string to_events(const std::vector<shared_message>& messages) {
  constexpr std::size_t event_size = 32 * 1024;
  std::string events;
  std::string payload;
  for (const auto& each : messages) {
    const auto bytes = each->payload();
    payload.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (payload.size() < event_size && &each != &messages.back()) continue;
    append_event(events, std::as_bytes(std::span(payload)));
    payload.clear();
  }
  return events;
}

/// Sends what there is as events, until the application has ended or the client has gone.
task<void> send_events(connection& on, http_response& response, const bool& gone) {
  {
    auto starting = response.write(std::string_view(":\r\n"));
    co_await starting;
  }
  constexpr std::size_t portion = 64 * 1024;
  while (!gone) {
    auto waiting = on.output().wait();
    const auto what = co_await waiting;
    if (gone || what == outbox::event::finished) break;
    const auto events = to_events(on.output().take(portion));
    const waiting_bytes counted(events.size());
    // Piece by piece, since a client that takes something is not blocked.
    constexpr std::size_t piece = 4 * 1024;
    for (std::string_view rest = events; !rest.empty();) {
      on.note_blocked(true);
      auto writing = response.write(rest.substr(0, piece));
      co_await writing;
      on.note_blocked(false);
      on.output().note_taken();
      rest.remove_prefix(std::min(piece, rest.size()));
    }
  }
}

}  // namespace

task<void> connection_endpoint::serve_events(http_context& context) {
  refusal failed;
  std::shared_ptr<connection> on;
  try {
    on = require_connection(context);
  } catch (const refusal& why) {
    failed = why;
  }
  if (on) {
    auto claiming =
        on->claim(transport_type::server_sent_events, context.loop(), context.shared_user());
    failed = refusal_of(co_await claiming, transport_type::server_sent_events);
  }
  async::resume_on back(&context.loop());
  co_await back;
  if (failed.status != 0) {
    auto answering = answer_text(context, failed.status, failed.text);
    co_await answering;
    co_return;
  }
  // The connection lives on this loop now: its first and only transport is here.
  on->begin(context);
  auto& response = context.response();
  response.set_content_type("text/event-stream");
  response.headers().set("Cache-Control", "no-cache,no-store");
  response.headers().set("Pragma", "no-cache");
  response.headers().set("Content-Encoding", "identity");
  bool gone = false;
  std::stop_callback when_gone(context.request_aborted(), [&] {
    gone = true;
    on->output().cancel_wait();
  });
  try {
    on->start_application();
    auto sending = send_events(*on, response, gone);
    co_await sending;
  } catch (...) {
    // The client has gone.
  }
  on->release(false);
}

}  // namespace saker::signalr
