#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "async/resume_on.hpp"
#include "signalr/transports/answers.hpp"
#include "signalr/transports/connection.hpp"
#include "signalr/transports/connection_endpoint.hpp"
#include "signalr/transports/query.hpp"
#include "websocket/handshake/accept.hpp"
#include "websocket/lifetime/connection.hpp"

namespace saker::signalr {

/// A connection, and the socket that carries it now.
struct connection_endpoint::carried {
  std::shared_ptr<connection> on;
  std::shared_ptr<websocket> socket;
};

namespace {

/// The socket is the connection's for as long as it lives.
class attachment {
 public:
  attachment(connection& on, const std::shared_ptr<websocket>& socket) : on_(on), socket_(*socket) {
    on_.output().attach(socket);
  }
  ~attachment() {
    if (on_.output().socket().get() == &socket_) on_.output().detach();
  }
  attachment(const attachment&) = delete;
  attachment& operator=(const attachment&) = delete;

 private:
  connection& on_;
  websocket& socket_;
};

/// Receives, and gives how many bytes; absent: the client has closed the socket. More of the result
/// would stay in the frame of whoever awaits it.
class counted_receive : public websockets::receive_operation {
 public:
  using receive_operation::receive_operation;
  std::optional<std::size_t> await_resume() {
    const auto received = receive_operation::await_resume();
    if (received.close_status) return std::nullopt;
    return received.count;
  }
};

/// The client has closed the socket. Nothing can follow our Close: what the client asked for before
/// its own is answered first.
task<void> answer_close(connection& on, websocket& socket) {
  // Methods learn of it now.
  on.signal_closed();
  on.on_input_ending();
  while (!on.input().is_done() && !on.input().is_interrupted()) {
    auto all_done = on.input().all_done();
    co_await all_done;
  }
  on.input().finish();
  auto closing = socket.close_output();
  co_await closing;
}

}  // namespace

/// Accepts the socket of a connection that has been claimed.
void connection_endpoint::accept(http_context& context, carried& made) {
  std::string sub_protocol;
  if (options_.sub_protocol_selector) {
    sub_protocol = options_.sub_protocol_selector(context.websockets().requested_protocols());
  }
  websocket_accept_options accepting;
  accepting.sub_protocol = sub_protocol;
  if (!made.on->has_started()) made.on->begin(context);
  made.socket = std::make_shared<websocket>(websockets::accept_now(context, accepting));
}

/// Claims and accepts, and goes to the connection's loop. Without a socket behind it the client has
/// been refused.
task<void> connection_endpoint::open_websocket(http_context& context, carried& made) {
  refusal why;
  try {
    const auto token = find_query_value(context.request().query_string(), "id");
    made.on = token && !token->empty() ? require_connection(context) : create(false, false);
  } catch (const refusal& each) {
    why = each;
  }
  if (made.on) {
    auto claiming =
        made.on->claim(transport_type::websockets, context.loop(), context.shared_user());
    why = refusal_of(co_await claiming, transport_type::websockets);
    async::resume_on back(&context.loop());
    co_await back;
  }
  if (why.status != 0) {
    auto answering = answer_text(context, why.status, why.text);
    co_await answering;
    co_return;
  }
  std::exception_ptr failed;
  try {
    accept(context, made);
  } catch (...) {
    failed = std::current_exception();
  }
  auto entering = made.on->enter();
  co_await entering;
  if (!failed) co_return;
  made.on->release(false);
  async::resume_on back(&context.loop());
  co_await back;
  std::rethrow_exception(failed);
}

/// A socket carries the connection, on the connection's loop, until the socket ends. The frame
/// lives as long: what only the beginning and the end need is apart.
task<void> connection_endpoint::serve_websocket(http_context& context) {
  carried made;
  {
    auto opening = open_websocket(context, made);
    co_await opening;
  }
  if (!made.socket) co_return;
  {
    const attachment attached(*made.on, made.socket);
    auto& input = made.on->input();
    if (made.on->has_started()) {
      made.on->on_reattached();
    } else {
      made.on->start_application();
    }
    bool in_order = false;
    input.allow_waiting();
    try {
      for (bool first = true;;) {
        auto space = input.space(first);
        const auto buffer = co_await space;
        if (buffer.empty() && !input.is_interrupted()) continue;
        if (buffer.empty()) {
          in_order = made.socket->close_status().has_value();
          break;
        }
        if (std::exchange(first, false)) input.begin_anew();
        counted_receive receiving(*made.socket->shared(), buffer, {});
        const auto count = co_await receiving;
        in_order = !count;
        if (in_order) break;
        if (*count != 0) input.commit(*count);
      }
      if (in_order && made.socket->state() != websocket_state::closed) {
        auto answering = answer_close(*made.on, *made.socket);
        co_await answering;
      }
    } catch (...) {
      // Lost, reset, aborted: nobody is left to be told.
    }
    if (made.socket->shared()->lifetime().gave_up_sending()) {
      made.on->note_cut_off("The client has taken nothing for transport_send_timeout.");
      made.on->disable_reconnect();
    }
    made.on->release(!in_order && made.on->allows_reconnect());
  }
  made = {};
  async::resume_on back(&context.loop());
  co_await back;
}

}  // namespace saker::signalr
