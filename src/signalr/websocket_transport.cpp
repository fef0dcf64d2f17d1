#include <memory>
#include <utility>

#include "core/resume_on.hpp"
#include "signalr/answers.hpp"
#include "signalr/connection.hpp"
#include "signalr/connection_endpoint.hpp"
#include "signalr/query.hpp"
#include "websocket/accept.hpp"
#include "websocket/connection.hpp"

namespace saker::signalr {

/// What a request for a WebSocket leads to: a socket, or a refusal.
struct connection_endpoint::opened {
  std::shared_ptr<connection> on;
  std::shared_ptr<websocket> socket;
  refusal failed;
  std::exception_ptr refused;
};

namespace {

/// The socket is the connection's for as long as it lives.
class attachment {
 public:
  attachment(std::shared_ptr<connection> on, std::shared_ptr<websocket> socket)
      : on_(std::move(on)), socket_(std::move(socket)) {
    on_->output().attach(socket_);
  }
  ~attachment() {
    if (on_->output().socket() == socket_) on_->output().detach();
  }
  attachment(const attachment&) = delete;
  attachment& operator=(const attachment&) = delete;

 private:
  std::shared_ptr<connection> on_;
  std::shared_ptr<websocket> socket_;
};

/// A socket carries the connection, on the connection's loop, until the socket ends.
task<void> carry(std::shared_ptr<connection> on, std::shared_ptr<websocket> socket) {
  const attachment attached(on, socket);
  if (on->has_started()) {
    on->on_reattached();
  } else {
    on->start_application();
  }
  bool in_order = false;
  on->input().allow_waiting();
  try {
    {
      auto all_space = on->input().all_space();
      co_await all_space;
    }
    on->input().begin_anew();
    for (;;) {
      auto space = on->input().space();
      const auto buffer = co_await space;
      if (buffer.empty() && !on->input().is_interrupted()) continue;
      if (buffer.empty()) {
        in_order = socket->close_status().has_value();
        break;
      }
      auto receiving = socket->receive(buffer);
      const auto received = co_await receiving;
      in_order = received.close_status.has_value();
      if (in_order) break;
      if (received.count != 0) on->input().commit(received.count);
    }
    if (in_order && socket->state() != websocket_state::closed) {
      // Nothing can follow our Close: what the client asked for before its own is answered first.
      // Methods learn of it now.
      on->signal_closed();
      on->on_input_ending();
      while (!on->input().is_done() && !on->input().is_interrupted()) {
        auto all_done = on->input().all_done();
        co_await all_done;
      }
      on->input().finish();
      auto closing = socket->close_output();
      co_await closing;
    }
  } catch (...) {
    // Lost, reset, aborted: nobody is left to be told.
    if (socket->shared()->gave_up_sending()) {
      on->note_cut_off("The client has taken nothing for transport_send_timeout.");
      on->disable_reconnect();
    }
  }
  on->release(!in_order && on->allows_reconnect());
}

}  // namespace

/// Accepts the socket of a connection that has been claimed.
void connection_endpoint::accept(http_context& context, opened& made) {
  try {
    std::string sub_protocol;
    if (options_.sub_protocol_selector) {
      sub_protocol = options_.sub_protocol_selector(context.websockets().requested_protocols());
    }
    websocket_accept_options accepting;
    accepting.sub_protocol = sub_protocol;
    if (!made.on->has_started()) made.on->begin(context);
    made.socket = std::make_shared<websocket>(websockets::accept_now(context, accepting));
  } catch (...) {
    made.refused = std::current_exception();
  }
}

/// Claims and accepts, and goes to the connection's loop.
task<void> connection_endpoint::open_websocket(http_context& context, opened& made) {
  auto& own = context.loop();
  try {
    const auto token = find_query_value(context.request().query(), "id");
    made.on = token && !token->empty() ? require_connection(context) : create(false, false);
  } catch (const refusal& why) {
    made.failed = why;
    co_return;
  }
  auto claiming = made.on->claim(transport_type::websockets, own, context.shared_user());
  made.failed = refusal_of(co_await claiming, transport_type::websockets);
  core::resume_on back(&own);
  co_await back;
  if (made.failed.status != 0) co_return;
  accept(context, made);
  auto entering = made.on->enter();
  co_await entering;
}

// Small on purpose: its frame lives as long as the socket.
task<void> connection_endpoint::serve_websocket(http_context& context) {
  auto made = std::make_unique<opened>();
  {
    auto opening = open_websocket(context, *made);
    co_await opening;
  }
  if (made->socket) {
    auto carrying = carry(std::move(made->on), std::move(made->socket));
    made.reset();
    co_await carrying;
  } else if (made->refused) {
    made->on->release(false);
  }
  core::resume_on back(&context.loop());
  co_await back;
  if (!made) co_return;
  if (made->refused) std::rethrow_exception(made->refused);
  auto answering = answer_text(context, made->failed.status, made->failed.text);
  co_await answering;
}

}  // namespace saker::signalr
