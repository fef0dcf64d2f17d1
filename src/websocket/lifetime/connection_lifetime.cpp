#include "websocket/lifetime/connection_lifetime.hpp"

#include <string>
#include <utility>

#include "http/exchange/exchange.hpp"
#include "observe/log.hpp"
#include "websocket/lifetime/close_wait.hpp"
#include "websocket/lifetime/connection.hpp"

namespace saker::websockets {

close_state& connection_lifetime::closing() const noexcept { return socket_.closing(); }

bool connection_lifetime::has_peer_close() const noexcept { return closing().has_peer_close(); }

bool connection_lifetime::waits_for_peer() const noexcept {
  return socket_.stream() && closing().has_sent_close() &&
         (socket_.reader().is_receiving() || close_waiter_ || handler_is_done());
}

void connection_lifetime::wake_closers() noexcept {
  close_wait::wake(close_waiter_, socket_.loop().state());
}

void connection_lifetime::tell_host() noexcept {
  if (host_) host_->on_upgraded_lost();
}

// The closing handshake.

void connection_lifetime::send_close(websocket_close_status status, std::string_view description) {
  socket_.groups().settle(socket_.loop());
  const encoded_close payload(status, description);
  socket_.writer().write_control(opcode::close, payload.bytes());
  closing().note_close_sent();
  socket_.watch().note_close_sent();
  note_end(static_cast<unsigned>(status));
  if (has_peer_close()) {
    end_stream(ending::in_order);
    closing().set(websocket_state::closed);
  } else {
    closing().set(websocket_state::close_sent);
  }
  socket_.writer().fail_unframed(
      std::make_exception_ptr(websocket_error(websocket_errc::invalid_state)));
}

/// Whether there is anything to close; what has gone wrong before shows now.
bool connection_lifetime::begin_close() {
  if (socket_.reader().has_end()) socket_.reader().reach_end();
  if (closing().loss()) std::rethrow_exception(closing().loss()->exception());
  if (!closing().has_sent_close() || !has_peer_close()) return true;
  // Both have said it; the peer's had not been received yet.
  closing().set(websocket_state::closed);
  return false;
}

void connection_lifetime::close_output(websocket_close_status status,
                                       std::string_view description) {
  if (stopping_ && closing().has_sent_close()) return;
  const auto now = closing().state();
  closing().require(now == websocket_state::open || now == websocket_state::close_received,
                    "open or close_received");
  if (begin_close()) send_close(status, description);
}

task<void> connection_lifetime::close(websocket_close_status status, std::string description) {
  const auto keep = socket_.shared_from_this();
  const auto now = closing().state();
  if (stopping_ && now == websocket_state::closed) co_return;
  closing().require(now == websocket_state::open || now == websocket_state::close_received ||
                        now == websocket_state::close_sent,
                    "open, close_received or close_sent");
  if (!begin_close()) co_return;
  if (!closing().has_sent_close()) send_close(status, description);
  if (closing().state() == websocket_state::closed) co_return;
  await_peer_close();
  close_wait wait(close_waiter_);
  co_await wait;
  if (closing().loss()) std::rethrow_exception(closing().loss()->exception());
  if (closing().state() == websocket_state::aborted) std::rethrow_exception(canceled());
}

/// Whatever else the peer sends is of no interest, but for a receive that waits.
void connection_lifetime::await_peer_close() {
  socket_.reader().discard();
  socket_.stream()->resume_reading();
  socket_.watch().limit_closing();
}

void connection_lifetime::take_close(std::span<const std::byte> payload) {
  auto close = parse_close(payload);
  if (!close) {
    socket_.reader().end({websocket_errc::faulted, websocket_close_status::protocol_error,
                          "The WebSocket received an invalid Close frame."});
    return;
  }
  constexpr unsigned without_status = 1005;
  note_end(payload.empty() ? without_status : static_cast<unsigned>(close->status));
  closing().note_peer_close(std::move(*close));
  if (closing().has_sent_close()) {
    finish_close();
  } else if (auto* const waiting = socket_.reader().show_close()) {
    socket_.resume_now(*waiting);
  }
}

/// The peer has answered our Close.
void connection_lifetime::finish_close() {
  end_stream(ending::in_order);
  if (auto* const waiting = socket_.reader().show_close()) {
    socket_.complete(*waiting);
  } else if (socket_.reader().is_discarding()) {
    closing().set(websocket_state::closed);
  }
  wake_closers();
}

// The end of the connection.

void connection_lifetime::end_read() {
  auto& reader = socket_.reader();
  reader.note_end_arrived();
  // After its Close, or its fault, the peer has nothing more to say; ours may still be on its way.
  if (has_peer_close() || reader.has_end()) return;
  reader.end({websocket_errc::connection_closed_prematurely, {}, nullptr});
  tell_host();
}

void connection_lifetime::lose_stream() {
  socket_.reader().note_end_arrived();
  if (!has_peer_close()) {
    lose({websocket_errc::connection_closed_prematurely, nullptr});
    return;
  }
  lose_output({websocket_errc::connection_closed_prematurely, nullptr});
  end_stream(ending::reset);
  tell_host();
}

void connection_lifetime::note_end_arrived(bool lost) {
  socket_.reader().note_end_arrived();
  if (lost) lose_output({websocket_errc::connection_closed_prematurely, nullptr});
  tell_host();
}

void connection_lifetime::fail(websocket_close_status status, const char* text) {
  if (socket_.stream() && !closing().has_sent_close()) {
    socket_.writer().write_control(opcode::close, encoded_close(status, {}).bytes());
    closing().note_close_sent();
    note_end(static_cast<unsigned>(status));
  }
  lose({websocket_errc::faulted, text}, ending::in_order);
}

void connection_lifetime::lose_output(connection_loss how) {
  const auto& loss = closing().note_loss(how);
  socket_.groups().leave_all();
  socket_.writer().fail(loss.exception());
}

void connection_lifetime::lose(connection_loss how, ending order) {
  if (closing().state() == websocket_state::aborted) return;
  lose_output(how);
  if (socket_.stream()) end_stream(order);
  // Last: other threads look for why when they see it.
  socket_.reader().note_end_arrived();
  socket_.reader().end({how.reason, {}, how.text});
  wake_closers();
  tell_host();
}

void connection_lifetime::reach_end(const input_end& end) {
  if (socket_.stream() && !closing().loss()) {
    if (end.reason == websocket_errc::faulted) {
      fail(end.status, end.text);
    } else {
      lose({end.reason, end.text}, ending::in_order);
    }
    return;
  }
  closing().set(websocket_state::aborted);
  socket_.reader().drop_unread();
  // A fault behind the loss of the output, after which nothing else comes.
  if (socket_.stream()) end_stream(ending::reset);
  socket_.reader().fail(closing().loss()->exception());
  wake_closers();
}

void connection_lifetime::abort() {
  auto& reader = socket_.reader();
  if (closing().state() == websocket_state::aborted || (!socket_.stream() && !reader.has_end()))
    return;
  closing().set(websocket_state::aborted);
  reader.drop_end();
  reader.drop_unread();
  if (socket_.stream()) end_stream(ending::reset);
  reader.fail(canceled());
  socket_.writer().fail(canceled());
  wake_closers();
  tell_host();
}

/// The first Close says how the socket ended.
void connection_lifetime::note_end(unsigned code) noexcept {
  if (end_code_ == 0) end_code_ = static_cast<std::uint16_t>(code);
}

void connection_lifetime::end_stream(ending order) {
  constexpr unsigned without_close = 1006;
  note_end(without_close);
  socket_.counts().count_end(end_code_);
  const auto* const loss = closing().loss();
  if (observe::log_enabled(observe::log_level::debug)) {
    const char* const why = loss ? loss->text : nullptr;
    observe::log(observe::log_level::debug, "A WebSocket has ended: " + std::to_string(end_code_) +
                                                (why ? ": " : "") + (why ? why : ""));
  }
  const bool gave_up = loss && loss->took_nothing;
  outcome_.store(gave_up ? outcome::gave_up_sending : outcome::ended, std::memory_order_release);
  socket_.end_stream(order);
}

// A stop of the server.

void connection_lifetime::stop() {
  if (!socket_.stream()) return;
  stopping_ = true;
  // Behind what was promised on another thread.
  if (socket_.awaits_posted()) {
    socket_.loop().post([keep = socket_.shared_from_this(), this] { close_for_stop(); });
  } else {
    close_for_stop();
  }
}

void connection_lifetime::close_for_stop() {
  if (socket_.can_send()) send_close(websocket_close_status::endpoint_unavailable, {});
  if (socket_.stream()) socket_.watch().limit_closing();
}

// The handle and the handler.

void connection_lifetime::release_handle() {
  if (handle_ == handle::held) handle_ = handle::gone;
  if (socket_.stream()) socket_.call_at_turn_end();
}

void connection_lifetime::end_turn() {
  if (handle_ != handle::gone || !socket_.stream()) return;
  // A stop's Close that nobody waits behind may still be on its way: to abort would take it back.
  if (stopping_ && closing().has_sent_close() && !socket_.reader().is_receiving() &&
      !close_waiter_) {
    handle_ = handle::closing;
    finish_in_background(websocket_close_status::normal_closure);
  } else {
    abort();
  }
}

void connection_lifetime::end_handler(bool failed) {
  host_ = nullptr;
  if (handle_ == handle::held || !socket_.stream()) return;
  handle_ = handle::closing;
  close_after_posted(failed ? websocket_close_status::internal_server_error
                            : websocket_close_status::normal_closure);
}

/// A message that was promised on another thread is sent before the Close.
void connection_lifetime::close_after_posted(websocket_close_status status) {
  if (!socket_.awaits_posted()) {
    finish_in_background(status);
    return;
  }
  socket_.loop().post([keep = socket_.shared_from_this(), this, status] {
    if (socket_.stream()) finish_in_background(status);
  });
}

void connection_lifetime::finish_in_background(websocket_close_status status) {
  auto& reader = socket_.reader();
  reader.drop_unread();
  if (reader.has_end()) reader.reach_end();
  if (const auto* const loss = closing().loss(); loss && socket_.stream()) lose(*loss);
  if (socket_.stream() && !closing().has_sent_close()) send_close(status, {});
  if (socket_.stream()) await_peer_close();
}

}  // namespace saker::websockets
