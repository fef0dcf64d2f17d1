#include "http/v2/stream.hpp"

#include <utility>

#include "http/v2/connection.hpp"
#include "http/v2/response_fields.hpp"
#include "http/v2/tunnel.hpp"
#include "io/loop_io.hpp"
#include "observe/log.hpp"

namespace saker::http::v2 {
namespace {

/// What is read of a body that nobody wants; then its window stays closed.
constexpr std::uint64_t most_drained = 1024 * 1024;

}  // namespace

void stream_request::on_turn_end() { owner.on_turn_end(); }

stream::stream(connection& on, std::int32_t id)
    : connection_(on),
      id_(id),
      request_(std::make_unique<stream_request>(*this)),
      output_(io::loop_io::of(on.loop()).chunks()) {}

stream::~stream() {
  // The handler may let go of a tunnel.
  handler_ = handler::running;
  if (exchange_) exchange_->end_handler();
  if (tunnel_) tunnel_->detach();
}

event_loop& stream::loop() noexcept { return connection_.loop(); }
async::loop_state& stream::state() noexcept { return connection_.loop().state(); }
const connection_options& stream::options() const noexcept { return connection_.options(); }
std::string stream::remote_endpoint() const { return connection_.remote_endpoint(); }
std::string stream::local_endpoint() const { return connection_.local_endpoint(); }
const std::shared_ptr<const io::channel_security>& stream::security() const noexcept {
  return connection_.security();
}

// The request.

void stream::on_head(head_builder& builder, bool end_of_stream) {
  read_ended_ = end_of_stream;
  if (builder.is_too_large()) {
    refuse_head();
    return;
  }
  const auto allowed =
      options().allow_alternate_schemes ? std::string_view() : connection_.scheme();
  if (const auto fault = builder.finish(allowed, end_of_stream); !fault.empty()) {
    observe::log(observe::log_level::debug, "Bad request: " + std::string(fault));
    reset(NGHTTP2_PROTOCOL_ERROR);
    return;
  }
  exchange_ = std::make_unique<exchange>(static_cast<carrier&>(*this), builder.take());
  // Not now: a client that resets at once what it opens costs the application nothing.
  handler_ = handler::due;
  state().at_turn_end(*request_);
}

void stream::forget_unstarted() {
  if (handler_ != handler::due) return;
  handler_ = handler::none;
  request_->unlink();
  exchange_.reset();
}

void stream::refuse_head() {
  connection_.submit_head(id_, response_fields(431), true);
  output_.finish();
}

void stream::on_trailers(head_builder& builder, bool end_of_stream) {
  if (exchange_ && request_ && !builder.is_too_large()) {
    exchange_->context().request().set_trailers(builder.take_fields());
  }
  if (end_of_stream) on_end();
}

void stream::on_data(std::span<std::byte> data) {
  unconsumed_ += static_cast<std::uint32_t>(data.size());
  connection_.keep_input(data.size());
  if (tunnel_) {
    tunnel_->receive(data);
  } else if (exchange_ && exchange_->body()) {
    push_body(data);
  } else if (exchange_ && request_ && exchange_->is_upgradable()) {
    request_->early.insert(request_->early.end(), data.begin(), data.end());
  } else {
    drain(data.size());
  }
}

void stream::push_body(std::span<const std::byte> data) {
  if (exchange_->body()->receive(data)) {
    on_body_taken();
  } else {
    drain(data.size());
  }
}

/// Returns what the application has taken to the client's window.
void stream::on_body_taken() {
  const auto kept = exchange_->body()->kept();
  if (unconsumed_ > kept) consumed(unconsumed_ - kept);
}

/// Nobody wants it: the client is let go on for a while, so that it comes to its end.
void stream::drain(std::size_t bytes) {
  const bool goes_on = request_ && (request_->drained += bytes) <= most_drained;
  if (goes_on) {
    consumed(bytes);
    return;
  }
  unconsumed_ -= static_cast<std::uint32_t>(bytes);
  connection_.release_input(bytes);
}

/// What the application has not taken, and never will.
void stream::forget_input() {
  if (unconsumed_ > 0) drain(unconsumed_);
}

void stream::note_work(std::size_t cost) { connection_.note_work(cost); }
void stream::read_on() noexcept {
  if (tunnel_) tunnel_->read_on();
}
bool stream::connection_has_worked() const noexcept { return connection_.has_worked(); }

void stream::consumed(std::size_t bytes) {
  unconsumed_ -= static_cast<std::uint32_t>(bytes);
  connection_.release_input(bytes);
  to_credit_ += static_cast<std::uint32_t>(bytes);
  if (to_credit_ < connection_.credit_step() || closed_ || read_ended_) return;
  connection_.credit(id_, std::exchange(to_credit_, 0));
}

void stream::on_end() {
  read_ended_ = true;
  if (exchange_ && exchange_->body()) exchange_->body()->finish();
  if (tunnel_) tunnel_->receive_end();
}

// The end of a request.

void stream::on_exchange_done() noexcept {
  handler_ = handler::none;
  exchange_.reset();
  if (request_) {
    forget_input();
    request_->pace.reset();
    request_->early = {};
    if (!closed_) state().at_turn_end(*request_);
  }
  release_if_done();
}

/// The stream counts as one that has not finished until the handler has ended.
async::task_listener* stream::on_detached() noexcept {
  handler_ = handler::detached;
  exchange_.reset();
  return this;
}

void stream::on_task_done(std::exception_ptr) noexcept {
  handler_ = handler::none;
  release_if_done();
}

void stream::abort(std::errc error) noexcept {
  if (!closed_) connection_.submit_reset(id_, NGHTTP2_INTERNAL_ERROR);
  fail(error);
}

void stream::reset(std::uint32_t code) {
  if (closed_) return;
  connection_.submit_reset(id_, code);
  fail(std::errc::connection_aborted);
}

/// Nothing is sent or received any more.
void stream::fail(std::errc error) {
  output_.forget(closed_);
  output_.finish();
  if (tunnel_) tunnel_->lost(error);
  if (!exchange_) return;
  exchange_->lost(error == std::errc::timed_out ? slow_client_error()
                                                : std::make_error_code(error));
}

void stream::on_closed(std::uint32_t code) {
  closed_ = true;
  forget_unstarted();
  const bool in_order = output_.is_end_sent() && code == NGHTTP2_NO_ERROR;
  if (!in_order) {
    fail(std::errc::connection_reset);
  } else if (tunnel_) {
    tunnel_->lost(std::errc::connection_reset);
  } else if (exchange_) {
    exchange_->on_answer_taken();
  }
  // An answer may end before its handler does; what is left of the request's body does not come.
  if (exchange_) exchange_->fail_body(std::make_error_code(std::errc::connection_reset));
  release_if_done();
}

void stream::on_lost(std::errc error) {
  closed_ = true;
  forget_unstarted();
  fail(error);
  release_if_done();
}

void stream::release_if_done() {
  // The end of one thing may bring about that of another, and both come here.
  if (!closed_ || handler_ != handler::none || tunnel_ || std::exchange(released_, true)) return;
  if (request_) {
    request_->unlink();
    request_->pace.reset();
  }
  forget_input();
  connection_.release(*this);
}

void stream::report_work(async::work_report& to) const {
  if (exchange_) {
    exchange_->report_work(to);
  } else if (handler_ == handler::none && !closed_ && !tunnel_ && !output_.empty()) {
    to.add(async::unread_output);
  }
}

// Tunnels.

std::unique_ptr<io::byte_stream> stream::release_stream() {
  auto made = std::make_unique<tunnel>(*this, loop(), std::move(request_->early));
  request_.reset();
  tunnel_ = made.get();
  connection_.widen_window(id_);
  if (read_ended_) tunnel_->receive_end();
  return made;
}

void stream::on_tunnel_gone(std::uint32_t code) {
  tunnel_ = nullptr;
  output_.forget(closed_);
  forget_input();
  if (!closed_) connection_.submit_reset(id_, code);
  output_.finish();
  release_if_done();
}

}  // namespace saker::http::v2
