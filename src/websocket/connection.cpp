#include "websocket/connection.hpp"

#include <stdexcept>
#include <utility>

#include "core/log.hpp"
#include "websocket/close_wait.hpp"
#include "websocket/codecs.hpp"
#include "websocket/group_bucket.hpp"

namespace saker::websockets {
namespace {

/// Keeps a connection alive as long as its stream lives.
constexpr core::work_kind socket_work{"WebSocket", "WebSockets", true};

struct retained final : core::disposable {
  explicit retained(std::shared_ptr<connection> kept) : socket(std::move(kept)) {}
  void report_work(core::work_report& to) const override {
    if (!socket->waits_for_peer()) to.add(socket_work);
  }
  std::shared_ptr<connection> socket;
};

}  // namespace

connection::connection(event_loop& loop, connection_settings settings)
    : loop_(loop),
      counters_(loop.state().local<counters>()),
      settings_(std::move(settings)),
      timer_([](void* self) { static_cast<connection*>(self)->on_timer(); }, this) {
  if (settings_.deflate) parser_.allow_compression();
}

std::exception_ptr connection::canceled() {
  return std::make_exception_ptr(
      std::system_error(std::make_error_code(std::errc::operation_canceled), "Aborted"));
}

connection::~connection() {
  leave_groups();
  delete peer_close_.load();
}

const std::string& connection::sub_protocol() const noexcept {
  static const std::string none;
  return settings_.sub_protocol ? *settings_.sub_protocol : none;
}

void connection::open(std::unique_ptr<core::byte_stream> stream, http::exchange& host) {
  stream_ = std::move(stream);
  host_ = &host;
  auto keeper = std::make_unique<retained>(shared_from_this());
  retained_ = keeper.get();
  loop_.state().keep(std::move(keeper));
  loop_.state().stoppables().push_back(*this);
  stream_->set_handler(this);
  stream_->resume_reading();  // What came behind the request.
  start_timer();
  ++counters_.opened;
}

std::optional<close_payload> connection::peer_close() const {
  const auto* const close = peer_close_.load(std::memory_order_acquire);
  if (!close) return std::nullopt;
  return *close;
}

void connection::set_state(websocket_state state) noexcept {
  state_.store(state, std::memory_order_release);
}

void connection::require_state(bool legal, std::string_view valid_states) const {
  if (legal) return;
  if (loss_) std::rethrow_exception(loss());
  throw websocket_error(
      websocket_errc::invalid_state,
      "The WebSocket is in an invalid state ('" + std::string(to_string(state())) +
          "') for this operation. Valid states are: '" + std::string(valid_states) + "'");
}

std::exception_ptr connection::loss() const {
  if (!loss_text_) return std::make_exception_ptr(websocket_error(*loss_));
  return std::make_exception_ptr(websocket_error(*loss_, loss_text_));
}

/// The caller goes on first; whoever waits is resumed at the end of the turn.
void connection::complete(operation& operation) noexcept {
  operation.pending_ = true;
  completed_.push(operation);
  loop_.state().resume_at_turn_end(*this);
}

/// For what the stream brings: while it is being read nothing of this goes, and each step looks
/// again at what the coroutine has left.
void connection::resume_now(operation& operation) {
  operation.pending_ = false;
  if (operation.home_ && operation.home_ != &loop_) {
    operation.posted_ = true;
    operation.home_->resume(operation.caller_);
  } else {
    operation.caller_.resume();
  }
}

void connection::on_turn_end() {
  const auto self = shared_from_this();
  while (!completed_.empty()) resume_now(completed_.pop());
  if (!handle_gone_ || !stream_ || finishing_) return;
  // A stop's Close that nobody waits behind may still be on its way: to abort would take it back.
  if (stopping_ && close_sent_ && !receives() && !close_waiter_) {
    finishing_ = true;
    finish_in_background(websocket_close_status::normal_closure);
  } else {
    abort();
  }
}

// Ending.

void connection::send_close(websocket_close_status status, std::string_view description) {
  if (memberships_) settle_groups();
  const encoded_close payload(status, description);
  write_control(opcode::close, payload.bytes());
  close_sent_ = true;
  last_keep_alive_ = now();
  note_end(static_cast<unsigned>(status));
  if (peer_close_) {
    end_stream(true);
    set_state(websocket_state::closed);
  } else {
    set_state(websocket_state::close_sent);
    set_timer();
  }
  // What had not been framed yet cannot follow a Close.
  fail_sends(std::make_exception_ptr(websocket_error(websocket_errc::invalid_state)));
}

/// Whether there is anything to close; what has gone wrong before shows now.
bool connection::begin_close() {
  if (input_end_) reach_end();
  if (loss_) std::rethrow_exception(loss());
  if (!close_sent_ || !peer_close_) return true;
  // Both have said it; the peer's had not been received yet.
  set_state(websocket_state::closed);
  return false;
}

void connection::close_output(websocket_close_status status, std::string_view description) {
  if (stopping_ && close_sent_) return;
  const auto now = state();
  require_state(now == websocket_state::open || now == websocket_state::close_received,
                "Open, CloseReceived");
  if (begin_close()) send_close(status, description);
}

task<void> connection::close(websocket_close_status status, std::string description) {
  const auto self = shared_from_this();
  const auto now = state();
  if (stopping_ && now == websocket_state::closed) co_return;
  require_state(now == websocket_state::open || now == websocket_state::close_received ||
                    now == websocket_state::close_sent,
                "Open, CloseReceived, CloseSent");
  if (!begin_close()) co_return;
  if (!close_sent_) send_close(status, description);
  if (state() == websocket_state::closed) co_return;
  await_peer_close();
  close_wait wait(close_waiter_);
  co_await wait;
  if (loss_) std::rethrow_exception(loss());
  if (state() == websocket_state::aborted) std::rethrow_exception(canceled());
}

/// Whatever else the peer sends is of no interest, but for a receive that waits.
void connection::await_peer_close() {
  discarding_ = true;
  if (!put_off_) forget_unread();
  stream_->resume_reading();
  limit_closing();
}

void connection::forget_unread() {
  if (has_unread() && settings_.deflate) context_lost_ = true;
  inbox_.reset();
  if (input_end_) reach_end();
}

/// The peer has answered our Close.
void connection::finish_close() {
  end_stream(true);
  if (receive_) {
    auto& waiting = *std::exchange(receive_, nullptr);
    show_close(waiting);
    complete(waiting);
  } else if (discarding_) {
    set_state(websocket_state::closed);
  }
  close_wait::wake(close_waiter_, loop_.state());
}

void connection::fail(websocket_close_status status, const char* message) {
  if (stream_ && !close_sent_) {
    write_control(opcode::close, encoded_close(status, {}).bytes());
    close_sent_ = true;
    note_end(static_cast<unsigned>(status));
  }
  lose(websocket_errc::faulted, message, true);
}

void connection::notify_lost() noexcept {
  if (host_) host_->on_upgraded_lost();
}

/// Nothing reaches the peer any more.
void connection::lose_output(websocket_errc reason, const char* text) {
  if (!loss_) {
    loss_ = reason;
    loss_text_ = text;
  }
  leave_groups();
  fail_sends(loss());
}

/// The connection has ended otherwise than by a Close of both sides. What has arrived is received
/// first.
void connection::lose(websocket_errc reason, const char* text, bool in_order) {
  if (state() == websocket_state::aborted) return;
  end_arrived_ = true;
  lose_output(reason, text);
  if (stream_) end_stream(in_order);
  end_input({reason, {}, text});
  close_wait::wake(close_waiter_, loop_.state());
  notify_lost();
}

void connection::end_input(const input_end& end) {
  if (!input_end_) input_end_ = std::make_unique<const input_end>(end);
  if (receive_ || (discarding_ && !put_off_) || !has_unread()) reach_end();
}

/// All that came before the end has been received, or never will be.
void connection::reach_end() {
  const auto end = std::move(input_end_);
  if (stream_ && !loss_) {
    if (end->reason == websocket_errc::faulted) {
      fail(end->status, end->text);
    } else {
      lose(end->reason, end->text, true);
    }
    return;
  }
  set_state(websocket_state::aborted);
  inbox_.reset();
  // A fault behind the loss of the output, after which nothing else comes.
  if (stream_) end_stream(false);
  fail_receive(loss());
  close_wait::wake(close_waiter_, loop_.state());
}

void connection::abort() {
  if (state() == websocket_state::aborted || (!stream_ && !input_end_)) return;
  set_state(websocket_state::aborted);
  input_end_.reset();
  inbox_.reset();
  if (stream_) end_stream(false);
  fail_receive(canceled());
  fail_sends(canceled());
  close_wait::wake(close_waiter_, loop_.state());
  notify_lost();
}

/// The first Close says how the socket ended.
void connection::note_end(unsigned code) noexcept {
  if (end_code_ == 0) end_code_ = static_cast<std::uint16_t>(code);
}

void connection::end_stream(bool in_order) {
  constexpr unsigned without_close = 1006;
  note_end(without_close);
  counters_.count_end(end_code_);
  if (core::log_enabled(core::log_level::debug)) {
    core::log(core::log_level::debug, "A WebSocket has ended: " + std::to_string(end_code_) +
                                          (loss_text_ ? ": " : "") +
                                          (loss_text_ ? loss_text_ : ""));
  }
  note_queued(0);
  timer_.clear();
  leave_groups();
  stoppable::unlink();
  deflating_.reset();
  deferred_.reset();
  auto stream = std::move(stream_);
  if (in_order) {
    core::close_in_order(std::move(stream));
  } else {
    stream->abort();
    loop_.state().retire(std::move(stream));
  }
  ended_.store(true, std::memory_order_release);
  // The loop lets go at the end of the turn, when nothing of this is on the stack.
  if (auto* const keeper = std::exchange(retained_, nullptr)) loop_.state().drop(*keeper);
}

void connection::fail_receive(const std::exception_ptr& exception) noexcept {
  auto* const waiting = std::exchange(put_off_ ? put_off_ : receive_, nullptr);
  if (!waiting) return;
  waiting->exception_ = exception;
  if (waiting->pending_) complete(*waiting);
}

void connection::fail_sends(const std::exception_ptr& exception) noexcept {
  while (!sends_.empty()) {
    auto& waiting = static_cast<send_operation&>(sends_.pop());
    // What has been framed stands before a Close.
    if (loss_ || state() == websocket_state::aborted || !waiting.encoded_) {
      waiting.exception_ = exception;
    }
    complete(waiting);
  }
}

void connection::on_stopping() {
  if (!stream_) return;
  stopping_ = true;
  // Behind what was promised on another thread.
  if (awaits_posted()) {
    loop_.post([self = shared_from_this()] { self->close_for_stop(); });
  } else {
    close_for_stop();
  }
}

void connection::close_for_stop() {
  if (stream_ && !close_sent_ && !loss_) {
    send_close(websocket_close_status::endpoint_unavailable, {});
  }
  if (stream_) limit_closing();
}

bool connection::waits_for_peer() const noexcept {
  return stream_ && close_sent_ && (receives() || close_waiter_ || handler_done_);
}

void connection::on_handler_done(bool failed) {
  host_ = nullptr;
  handler_done_ = true;
  if (!handle_gone_ || !stream_) return;
  finishing_ = true;
  close_behind_posted(failed ? websocket_close_status::internal_server_error
                             : websocket_close_status::normal_closure);
}

/// A message that was promised on another thread is sent before the Close.
void connection::close_behind_posted(websocket_close_status status) {
  if (!awaits_posted()) {
    finish_in_background(status);
    return;
  }
  loop_.post([self = shared_from_this(), status] {
    if (self->stream_) self->finish_in_background(status);
  });
}

bool connection::is_peer_fault(const std::error_code& error) const noexcept {
  return error == websocket_errc::connection_closed_prematurely ||
         error == websocket_errc::faulted || (stopping_ && error == websocket_errc::invalid_state);
}

void connection::finish_in_background(websocket_close_status status) {
  inbox_.reset();
  if (input_end_) reach_end();
  if (loss_ && stream_) lose(*loss_, loss_text_);
  if (stream_ && !close_sent_) send_close(status, {});
  if (stream_) await_peer_close();
}

void connection::release_handle() {
  handle_gone_ = true;
  if (!stream_) return;
  // Whether the handler has ended as well shows at the end of the turn.
  loop_.state().resume_at_turn_end(*this);
}

}  // namespace saker::websockets
