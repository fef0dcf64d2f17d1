#include <memory>
#include <utility>

#include "core/resume_on.hpp"
#include "signalr/answers.hpp"
#include "signalr/connection.hpp"
#include "signalr/connection_endpoint.hpp"
#include "signalr/query.hpp"
#include "websocket/accept.hpp"

namespace saker::signalr {
namespace {

/// Receives until the socket ends. True: the client has closed it in order.
task<bool> receive_all(std::shared_ptr<connection> on, std::shared_ptr<websocket> socket) {
  try {
    {
      auto space = on->input().space();
      co_await space;
    }
    on->input().begin_anew();
    for (;;) {
      auto space = on->input().space();
      const auto buffer = co_await space;
      auto receiving = socket->receive(buffer);
      const auto received = co_await receiving;
      if (received.close_status) co_return true;
      if (received.count != 0) on->input().commit(received.count);
    }
  } catch (...) {
    // Lost, reset, aborted: nobody is left to be told.
  }
  co_return false;
}

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

/// A socket carries the connection, on the connection's loop.
task<void> carry(std::shared_ptr<connection> on, std::shared_ptr<websocket> socket) {
  const attachment attached(on, socket);
  if (on->has_started()) {
    on->on_reattached();
  } else {
    on->start_application();
  }
  auto receiving = receive_all(on, socket);
  const bool in_order = co_await receiving;
  if (in_order && socket->state() == websocket_state::close_received) {
    on->input().finish();
    try {
      auto closing = socket->close_output();
      co_await closing;
    } catch (...) {
      // It is over anyway.
    }
  }
  on->release(!in_order && on->allows_reconnect());
}

}  // namespace

task<void> connection_endpoint::serve_websocket(http_context& context) {
  auto& own = context.loop();
  std::shared_ptr<connection> on;
  refusal failed;
  try {
    const auto token = find_query_value(context.request().query(), "id");
    on = token && !token->empty() ? require_connection(context) : create(false, false);
  } catch (const refusal& why) {
    failed = why;
  }
  if (on) {
    auto claiming = on->claim(transport_type::websockets, own);
    failed = refusal_of(co_await claiming, transport_type::websockets);
  }
  core::resume_on back(&own);
  co_await back;
  if (failed.status != 0) {
    auto answering = answer_text(context, failed.status, failed.text);
    co_await answering;
    co_return;
  }
  std::shared_ptr<websocket> socket;
  std::exception_ptr refused;
  try {
    std::string sub_protocol;
    if (options_.sub_protocol_selector) {
      sub_protocol = options_.sub_protocol_selector(context.websockets().requested_protocols());
    }
    websocket_accept_options accepting;
    accepting.sub_protocol = sub_protocol;
    on->begin(context);
    socket = std::make_shared<websocket>(websockets::accept_now(context, accepting));
  } catch (...) {
    refused = std::current_exception();
  }
  {
    auto entering = on->enter();
    co_await entering;
  }
  if (refused) {
    on->release(false);
  } else {
    auto carrying = carry(std::move(on), std::move(socket));
    co_await carrying;
  }
  co_await back;
  if (refused) std::rethrow_exception(refused);
}

}  // namespace saker::signalr
