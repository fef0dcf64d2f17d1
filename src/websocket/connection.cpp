#include "websocket/connection.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "websocket/close_wait.hpp"
#include "websocket/mask.hpp"

namespace saker::websockets {
namespace {

/// Keeps a connection alive as long as its stream lives.
struct retained final : core::disposable {
  explicit retained(std::shared_ptr<connection> kept) : socket(std::move(kept)) {}
  std::shared_ptr<connection> socket;
};

std::exception_ptr canceled() {
  return std::make_exception_ptr(
      std::system_error(std::make_error_code(std::errc::operation_canceled), "Aborted"));
}

receive_operation& part_of(receive_base& operation) {
  return static_cast<receive_operation&>(operation);
}

receive_message_operation& whole_of(receive_base& operation) {
  return static_cast<receive_message_operation&>(operation);
}

}  // namespace

connection::connection(event_loop& loop, connection_settings settings)
    : loop_(loop), settings_(std::move(settings)) {}

connection::~connection() { delete peer_close_.load(); }

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
  if (loss_text_.empty()) return std::make_exception_ptr(websocket_error(*loss_));
  return std::make_exception_ptr(websocket_error(*loss_, std::string(loss_text_)));
}

void connection::complete(operation& operation) {
  operation.pending_ = false;
  if (operation.home_ && operation.home_ != &loop_) {
    operation.home_->resume(operation.caller_);
  } else {
    operation.caller_.resume();
  }
}

// Reading from the stream.

std::size_t connection::read_budget() const noexcept {
  if (!inbox_ || receive_ || discarding_) return core::loop_state::read_buffer_size;
  const auto kept = inbox_->size();
  return kept < settings_.defaults->receive_read_ahead
             ? settings_.defaults->receive_read_ahead - kept
             : 0;
}

std::size_t connection::on_read(std::span<std::byte> data) {
  std::size_t used = 0;
  while (stream_ && used < data.size()) {
    if (peer_close_) return data.size();  // Nothing may follow a Close.
    const auto rest = std::span<const std::byte>(data).subspan(used);
    if (in_frame_) {
      used += take_payload(rest);
      continue;
    }
    const auto size = parser_.parse(rest, header_);
    if (size == 0) {
      if (!parser_.has_fault()) break;
      fail(websocket_close_status::protocol_error, parser_.fault());
      return data.size();
    }
    used += size;
    if (is_control(header_.code)) {
      take_control(rest.subspan(size, header_.length));
      used += header_.length;
    } else {
      begin_frame();
    }
  }
  return stream_ ? used : data.size();
}

void connection::begin_frame() {
  if (header_.code != opcode::continuation) {
    message_type_ = header_.code == opcode::text ? websocket_message_type::text
                                                 : websocket_message_type::binary;
    text_.reset();
  }
  frame_taken_ = 0;
  in_frame_ = true;
  if (receive_ && receive_->whole_message_ && !fits_message(header_.length)) return;
  if (header_.length == 0) {
    end_frame();
  } else if (receive_ && !receive_->whole_message_ && part_of(*receive_).buffer_.empty()) {
    auto& waiting = part_of(*std::exchange(receive_, nullptr));
    waiting.result_ = {0, message_type_, false, std::nullopt, {}};
    complete(waiting);
  }
}

std::size_t connection::take_payload(std::span<const std::byte> data) {
  auto part = data.first(std::min<std::uint64_t>(data.size(), header_.length - frame_taken_));
  if (receive_ && !receive_->whole_message_) {
    part = part.first(std::min(
        part.size(), part_of(*receive_).buffer_.size() - part_of(*receive_).result_.count));
  }
  if (!deliver(part)) return data.size();
  frame_taken_ += part.size();
  if (frame_taken_ == header_.length) {
    end_frame();
  } else if (receive_ && !receive_->whole_message_ &&
             part_of(*receive_).result_.count == part_of(*receive_).buffer_.size()) {
    auto& full = part_of(*std::exchange(receive_, nullptr));
    full.result_.type = message_type_;
    full.result_.end_of_message = false;
    complete(full);
  }
  return part.size();
}

/// Unmasks into where the application wants it. False when that was the end of the socket.
bool connection::deliver(std::span<const std::byte> data) {
  if (discarding_ && !receive_) return true;
  std::span<std::byte> target;
  if (!receive_) {
    if (!inbox_) inbox_ = std::make_unique<inbox>();
    target = inbox_->extend(data.size(), message_type_);
  } else if (receive_->whole_message_) {
    target = whole_of(*receive_).message_.extend(data.size());
  } else {
    target = part_of(*receive_).buffer_.subspan(part_of(*receive_).result_.count, data.size());
    part_of(*receive_).result_.count += data.size();
  }
  if (receive_) receive_->has_data_ = true;
  copy_unmasked(target.data(), data, header_.mask, frame_taken_);
  return is_valid_text(target);
}

bool connection::is_valid_text(std::span<const std::byte> data) {
  if (message_type_ != websocket_message_type::text || text_.feed(data)) return true;
  fail(websocket_close_status::invalid_payload_data,
       "The WebSocket received a text message that is not valid UTF-8.");
  return false;
}

bool connection::fits_message(std::uint64_t more) {
  if (more <= settings_.max_message_size &&
      whole_of(*receive_).message_.size() + more <= settings_.max_message_size) {
    return true;
  }
  fail(websocket_close_status::message_too_big,
       "The WebSocket received a message larger than max_message_size allows.");
  return false;
}

void connection::end_frame() {
  in_frame_ = false;
  if (header_.fin && message_type_ == websocket_message_type::text && !text_.is_complete()) {
    fail(websocket_close_status::invalid_payload_data,
         "The WebSocket received a text message that is not valid UTF-8.");
    return;
  }
  if (!receive_) {
    if (discarding_) return;
    if (!inbox_) inbox_ = std::make_unique<inbox>();
    inbox_->end_frame(message_type_, header_.fin);
    return;
  }
  receive_->has_data_ = true;
  if (receive_->whole_message_) {
    whole_of(*receive_).message_.set_type(message_type_);
    if (!header_.fin) return;
  } else {
    part_of(*receive_).result_.type = message_type_;
    part_of(*receive_).result_.end_of_message = header_.fin;
  }
  complete(*std::exchange(receive_, nullptr));
}

void connection::take_control(std::span<const std::byte> masked) {
  std::array<std::byte, 125> buffer;
  copy_unmasked(buffer.data(), masked, header_.mask, 0);
  const auto payload = std::span<const std::byte>(buffer).first(masked.size());
  if (header_.code == opcode::ping) {
    take_ping(payload);
  } else if (header_.code == opcode::close) {
    take_close(payload);
  }
}

void connection::take_ping(std::span<const std::byte> payload) {
  if (close_sent_) return;
  if (!congested()) {
    write_control(opcode::pong, payload);
    return;
  }
  // A peer that pings but does not read gets one answer, to its latest ping (RFC 6455, 5.5.3).
  if (!latest_ping_) latest_ping_ = std::make_unique<std::string>();
  latest_ping_->assign(reinterpret_cast<const char*>(payload.data()), payload.size());
  pong_due_ = true;
  stream_->notify_drained(settings_.defaults->send_high_water_mark);
}

void connection::take_close(std::span<const std::byte> payload) {
  auto parsed = parse_close(payload);
  if (!parsed) {
    fail(websocket_close_status::protocol_error, "The WebSocket received an invalid Close frame.");
    return;
  }
  peer_close_.store(new close_payload(std::move(*parsed)), std::memory_order_release);
  if (close_sent_) {
    finish_close();
  } else if (receive_) {
    auto& waiting = *std::exchange(receive_, nullptr);
    show_close(waiting);
    complete(waiting);
  }
}

void connection::show_close(receive_base& operation) {
  if (!close_sent_) set_state(websocket_state::close_received);
  if (operation.whole_message_) {
    whole_of(operation).message_ = {};
    return;
  }
  const auto& close = *peer_close_.load();
  part_of(operation).result_ = {0, websocket_message_type::close, true, close.status,
                                close.description};
}

void connection::on_read_end() { lose(websocket_errc::connection_closed_prematurely); }

void connection::on_error(std::error_code) { lose(websocket_errc::connection_closed_prematurely); }

// Receiving.

void connection::require_receivable() const {
  if (receive_) throw std::logic_error("There is already a pending receive on this WebSocket.");
  if (inbox_ && !inbox_->empty() && state() != websocket_state::aborted) return;
  const auto now = state();
  require_state(now == websocket_state::open || now == websocket_state::close_sent,
                "Open, CloseSent");
}

bool connection::begin_receive(receive_base& operation) {
  try {
    require_receivable();
  } catch (...) {
    operation.exception_ = std::current_exception();
    return true;
  }
  if (operation.stop_.stop_requested()) {
    operation.exception_ = canceled();
    return true;
  }
  receive_ = &operation;
  if (inbox_) {
    read_ahead(operation);
    end_reading_ahead();
  }
  if (receive_ != &operation) return true;
  if (peer_close_) {
    show_close(operation);
    receive_ = nullptr;
  } else if (in_frame_ && operation.whole_message_) {
    // The frame began while nobody was receiving.
    fits_message(header_.length - frame_taken_);
  } else if (in_frame_ && !operation.whole_message_ && part_of(operation).buffer_.empty()) {
    part_of(operation).result_ = {0, message_type_, false, std::nullopt, {}};
    receive_ = nullptr;
  }
  return receive_ != &operation;
}

void connection::end_reading_ahead() {
  if (inbox_ && inbox_->empty()) inbox_.reset();
  if (stream_) stream_->resume_reading();
}

void connection::read_ahead(receive_base& operation) {
  if (operation.whole_message_) {
    read_inbox_message(whole_of(operation));
  } else {
    read_inbox(part_of(operation));
  }
}

void connection::read_inbox(receive_operation& operation) {
  while (!inbox_->empty()) {
    const auto piece = inbox_->front();
    const auto room = operation.buffer_.size() - operation.result_.count;
    const auto count = std::min(piece.size, room);
    operation.result_.type = piece.type;
    if (operation.buffer_.empty() && piece.size != 0) {
      operation.result_.end_of_message = false;
      receive_ = nullptr;
      return;
    }
    std::copy_n(inbox_->front_bytes().begin(), count,
                operation.buffer_.begin() + static_cast<std::ptrdiff_t>(operation.result_.count));
    operation.result_.count += count;
    operation.has_data_ = true;
    const bool frame_ends = piece.end_of_frame && count == piece.size;
    inbox_->take(count);
    if (frame_ends || operation.result_.count == operation.buffer_.size()) {
      operation.result_.end_of_message = frame_ends && piece.end_of_message;
      receive_ = nullptr;
      return;
    }
  }
}

void connection::read_inbox_message(receive_message_operation& operation) {
  while (!inbox_->empty()) {
    const auto piece = inbox_->front();
    const auto still_coming =
        in_frame_ && !piece.end_of_frame ? header_.length - frame_taken_ : std::uint64_t{0};
    if (!fits_message(piece.size + still_coming)) return;
    const auto target = operation.message_.extend(piece.size);
    if (piece.size != 0) {
      std::memcpy(target.data(), inbox_->front_bytes().data(), piece.size);
    }
    operation.has_data_ = true;
    operation.message_.set_type(piece.type);
    inbox_->take(piece.size);
    if (piece.end_of_message) {
      receive_ = nullptr;
      return;
    }
  }
  if (peer_close_)
    fail(websocket_close_status::protocol_error,
         "The WebSocket received a Close inside a message.");
}

void connection::cancel_receive(std::uint64_t ticket) {
  if (!receive_ || receive_->ticket_ != ticket) return;
  auto& operation = *std::exchange(receive_, nullptr);
  keep_partial(operation);
  operation.exception_ = canceled();
  complete(operation);
}

/// What a receive that ends without a result has gathered belongs to the next one.
void connection::keep_partial(receive_base& operation) {
  if (!operation.has_data_) return;
  const auto gathered =
      operation.whole_message_ ? whole_of(operation).message_.bytes() : part_of(operation).filled();
  inbox_ = std::make_unique<inbox>();
  const auto target = inbox_->extend(gathered.size(), message_type_);
  if (!gathered.empty()) std::memcpy(target.data(), gathered.data(), gathered.size());
}

void connection::withdraw(receive_base& operation) noexcept {
  if (receive_ != &operation) return;
  receive_ = nullptr;
  keep_partial(operation);
}

void connection::withdraw(send_operation& operation) noexcept {
  send_operation* before = nullptr;
  auto* each = first_send_;
  while (each && each != &operation) before = std::exchange(each, each->next_);
  if (!each) return;
  (before ? before->next_ : first_send_) = operation.next_;
  if (last_send_ == each) last_send_ = before;
}

// Sending.

bool connection::begin_send(send_operation& operation) {
  try {
    const auto now = state();
    require_state(
        (now == websocket_state::open || now == websocket_state::close_received) && !close_sent_,
        "Open, CloseReceived");
  } catch (...) {
    operation.exception_ = std::current_exception();
    return true;
  }
  if (!first_send_ && !congested()) {
    encode(operation);
    if (!congested()) return true;
  }
  operation.next_ = nullptr;
  (last_send_ ? last_send_->next_ : first_send_) = &operation;
  last_send_ = &operation;
  stream_->notify_drained(settings_.defaults->send_high_water_mark);
  return false;
}

void connection::encode(send_operation& operation) {
  auto code = operation.type_ == websocket_message_type::text ? opcode::text : opcode::binary;
  if (fragment_open_) code = opcode::continuation;
  fragment_open_ = !operation.end_of_message_;
  const encoded_header header(code, operation.end_of_message_, operation.data_.size());
  operation.encoded_ = true;
  stream_->write(header.bytes(), operation.data_);
}

void connection::on_drained() {
  if (std::exchange(pong_due_, false)) {
    write_control(opcode::pong, std::as_bytes(std::span(*latest_ping_)));
  }
  continue_sends();
}

void connection::continue_sends() {
  while (stream_ && first_send_) {
    if (congested()) {
      stream_->notify_drained(settings_.defaults->send_high_water_mark);
      return;
    }
    auto& operation = *first_send_;
    if (!operation.encoded_) {
      encode(operation);
      continue;
    }
    first_send_ = operation.next_;
    if (!first_send_) last_send_ = nullptr;
    complete(operation);
  }
}

void connection::write_control(opcode code, std::span<const std::byte> payload) {
  stream_->write(encoded_header(code, true, payload.size()).bytes(), payload);
}

// Ending.

void connection::send_close(websocket_close_status status, std::string_view description) {
  const encoded_close payload(status, description);
  write_control(opcode::close, payload.bytes());
  close_sent_ = true;
  if (peer_close_) {
    end_stream(true);
    set_state(websocket_state::closed);
  } else {
    set_state(websocket_state::close_sent);
  }
  // What had not been framed yet cannot follow a Close.
  const auto refused = std::make_exception_ptr(websocket_error(websocket_errc::invalid_state));
  auto* each = std::exchange(first_send_, nullptr);
  last_send_ = nullptr;
  while (each) {
    auto& operation = *each;
    each = each->next_;
    if (!operation.encoded_) operation.exception_ = refused;
    complete(operation);
  }
}

void connection::close_output(websocket_close_status status, std::string_view description) {
  if (stopping_ && close_sent_) return;
  const auto now = state();
  require_state(now == websocket_state::open || now == websocket_state::close_received,
                "Open, CloseReceived");
  send_close(status, description);
}

task<void> connection::close(websocket_close_status status, std::string description) {
  const auto self = shared_from_this();
  const auto now = state();
  if (stopping_ && now == websocket_state::closed) co_return;
  require_state(now == websocket_state::open || now == websocket_state::close_received ||
                    now == websocket_state::close_sent,
                "Open, CloseReceived, CloseSent");
  if (!close_sent_) send_close(status, description);
  if (state() == websocket_state::closed) co_return;
  discarding_ = true;
  inbox_.reset();
  stream_->resume_reading();
  limit_closing();
  close_wait wait(close_waiter_);
  co_await wait;
  if (loss_) std::rethrow_exception(loss());
}

void connection::limit_closing() {
  close_deadline_ = std::make_unique<core::deadline>(
      [](void* self) {
        static_cast<connection*>(self)->lose(websocket_errc::connection_closed_prematurely);
      },
      this);
  close_deadline_->set(loop_.state().deadlines(), settings_.defaults->close_timeout);
}

void connection::finish_close() {
  set_state(websocket_state::closed);
  end_stream(true);
  if (receive_) {
    auto& waiting = *std::exchange(receive_, nullptr);
    show_close(waiting);
    complete(waiting);
  }
  close_wait::wake(close_waiter_);
}

void connection::fail(websocket_close_status status, std::string_view message) {
  if (stream_ && !close_sent_) {
    write_control(opcode::close, encoded_close(status, {}).bytes());
    close_sent_ = true;
  }
  loss_ = websocket_errc::faulted;
  loss_text_ = message;
  set_state(websocket_state::aborted);
  if (stream_) end_stream(true);
  notify_lost();
  fail_pending(loss());
}

void connection::notify_lost() noexcept {
  if (host_) host_->on_upgraded_lost();
}

void connection::lose(websocket_errc reason) {
  if (!stream_) return;
  if (state() == websocket_state::aborted) return;
  loss_ = reason;
  set_state(websocket_state::aborted);
  end_stream(false);
  notify_lost();
  fail_pending(loss());
}

void connection::abort() {
  if (!stream_) return;
  set_state(websocket_state::aborted);
  end_stream(false);
  notify_lost();
  fail_pending(canceled());
}

void connection::end_stream(bool in_order) {
  close_deadline_.reset();
  stoppable::unlink();
  auto stream = std::move(stream_);
  if (in_order) {
    core::close_in_order(std::move(stream));
  } else {
    stream->abort();
    loop_.state().retire(std::move(stream));
  }
  // The loop lets go at the end of the turn, when nothing of this is on the stack.
  if (auto* const keeper = std::exchange(retained_, nullptr)) loop_.state().drop(*keeper);
}

void connection::fail_pending(const std::exception_ptr& exception) {
  inbox_.reset();
  if (auto* const waiting = std::exchange(receive_, nullptr)) {
    waiting->exception_ = exception;
    if (waiting->pending_) complete(*waiting);
  }
  auto* each = std::exchange(first_send_, nullptr);
  last_send_ = nullptr;
  while (each) {
    auto& operation = *each;
    each = each->next_;
    operation.exception_ = exception;
    complete(operation);
  }
  close_wait::wake(close_waiter_);
}

void connection::on_stopping() {
  if (!stream_ || close_sent_) return;
  stopping_ = true;
  send_close(websocket_close_status::endpoint_unavailable, {});
  if (stream_) limit_closing();
}

void connection::on_handler_done(bool failed) {
  host_ = nullptr;
  handler_done_ = true;
  if (handle_gone_ && stream_) {
    finishing_ = true;
    finish_in_background(failed ? websocket_close_status::internal_server_error
                                : websocket_close_status::normal_closure);
  }
}

bool connection::is_peer_fault(const std::error_code& error) const noexcept {
  return error == websocket_errc::connection_closed_prematurely ||
         error == websocket_errc::faulted || (stopping_ && error == websocket_errc::invalid_state);
}

void connection::finish_in_background(websocket_close_status status) {
  if (!close_sent_) send_close(status, {});
  if (!stream_) return;
  discarding_ = true;
  inbox_.reset();
  stream_->resume_reading();
  limit_closing();
}

void connection::release_handle() {
  handle_gone_ = true;
  if (!stream_) return;
  // Whether the handler has ended as well shows at the end of the turn.
  loop_.state().at_turn_end(*this);
}

void connection::on_turn_end() {
  if (stream_ && !finishing_) abort();
}

}  // namespace saker::websockets
