#include "http/v2/stream.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <saker/http/message/error.hpp>

#include "http/exchange/connection_options.hpp"
#include "http/exchange/detached_handler.hpp"
#include "http/exchange/failure.hpp"
#include "http/exchange/work.hpp"
#include "http/v2/connection.hpp"
#include "http/v2/response_fields.hpp"
#include "http/v2/tunnel.hpp"
#include "io/channel_security.hpp"
#include "observe/log.hpp"

namespace saker::http::v2 {
namespace {

/// What is read of a body that nobody wants; then its window stays closed.
constexpr std::uint64_t most_drained = 1024 * 1024;
/// How long the handler of HEAD may go on after its answer.
constexpr std::chrono::seconds linger_limit{5};

bool is_success(int status) { return status >= 200 && status < 300; }

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

stream::stream(connection& on, std::int32_t id)
    : connection_(on),
      id_(id),
      plain_(std::make_unique<plain_state>(*this)),
      output_(on.loop().state().chunks()) {}

stream::~stream() {
  // The handler may use everything else while its frame goes, and let go of a tunnel.
  running_ = true;
  task_.destroy();
  if (tunnel_) tunnel_->detach();
}

event_loop& stream::loop() noexcept { return connection_.loop(); }
const http_limits& stream::limits() const noexcept { return connection_.options().limits; }
std::string_view stream::scheme() const noexcept { return connection_.scheme(); }
std::string stream::remote_endpoint() const { return connection_.remote_endpoint(); }

std::string stream::local_endpoint() const { return connection_.local_endpoint(); }
std::shared_ptr<const io::channel_security> stream::security() const noexcept {
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
      connection_.options().allow_alternate_schemes ? std::string_view() : scheme();
  if (const auto fault = builder.finish(allowed, end_of_stream); !fault.empty()) {
    observe::log(observe::log_level::debug, "Bad request: " + std::string(fault));
    reset(NGHTTP2_PROTOCOL_ERROR);
    return;
  }
  context_ = std::make_unique<http_context>(static_cast<http::exchange&>(*this));
  context_->request().assign(builder.take());
  const auto& request = context_->request();
  plain_->head_request = request.method() == "HEAD";
  if (request.has_body()) {
    plain_->body = std::make_unique<http::body_pipe>(static_cast<http::body_pipe::source&>(*plain_),
                                                     loop().state());
    plain_->continue_due = equals_ignoring_case(request.headers().get("Expect"), "100-continue");
  }
  // Not now: a client that resets at once what it opens costs the application nothing.
  plain_->starting = running_ = true;
  loop().state().at_turn_end(*plain_);
}

void stream::forget_unstarted() {
  if (!plain_ || !std::exchange(plain_->starting, false)) return;
  running_ = false;
  plain_->unlink();
  plain_->body.reset();
  context_.reset();
}

void stream::refuse_head() {
  connection_.submit_head(id_, response_fields(431), true);
  output_ended_ = true;
}

void stream::run_handler() {
  try {
    auto work = connection_.options().application(*context_);
    if (upgraded_ && context_->is_detachable(work)) {
      detach(std::move(work));
      return;
    }
    task_ = async::root_task(std::move(work));
  } catch (...) {
    on_task_done(std::current_exception());
    return;
  }
  task_.start(*this);
}

/// The socket is all that the handler wants. The stream counts as one that has not finished until
/// the handler has ended.
void stream::detach(task<void> work) {
  auto kept = std::move(context_);
  http::detached_handler::run(*kept, loop(), std::move(work), std::exchange(upgraded_, nullptr),
                              this);
}

void stream::on_trailers(head_builder& builder, bool end_of_stream) {
  if (context_ && plain_ && !builder.is_too_large()) {
    context_->request().set_trailers(builder.take_fields());
  }
  if (end_of_stream) on_end();
}

void stream::on_data(std::span<std::byte> data) {
  unconsumed_ += static_cast<std::uint32_t>(data.size());
  connection_.keep_input(data.size());
  if (tunnel_) {
    tunnel_->receive(data);
  } else if (body() && running_) {
    push_body(data);
  } else if (plain_ && running_ && is_upgradable()) {
    plain_->early.insert(plain_->early.end(), data.begin(), data.end());
  } else {
    drain(data.size());
  }
}

void stream::push_body(std::span<const std::byte> data) {
  plain_->continue_due = false;
  plain_->body_bytes += data.size();
  const auto most = limits().max_request_body_size;
  if (most && plain_->body_bytes > *most) {
    // Before the reader is told, with which everything may end.
    drain(data.size());
    plain_->body->fail({413, http_category()});
    return;
  }
  plain_->body->push(data);
  if (body()) settle_body();
}

/// Gives back what the application has taken.
void stream::settle_body() {
  if (unconsumed_ > plain_->body->kept()) consumed(unconsumed_ - plain_->body->kept());
}

/// Nobody wants it: the client is let go on for a while, so that it comes to its end.
void stream::drain(std::size_t bytes) {
  const bool goes_on = plain_ && (plain_->drained += bytes) <= most_drained;
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
  if (body()) body()->finish();
  if (tunnel_) tunnel_->receive_end();
}

void stream::on_body_wanted() {
  const auto& limit = limits().max_request_body_size;
  const auto& length = context_->request().content_length();
  if (limit && length && *length > *limit) throw http_error(413, "Request body too large.");
  if (std::exchange(plain_->continue_due, false) && !context_->response().has_started() &&
      !closed_) {
    connection_.submit_continue(id_);
  }
  if (limits().min_request_body_data_rate > 0) {
    auto& timing = limits_in_time();
    timing.body.begin(0);
    timing.set(loop().state().deadlines(), http::rate_check_interval);
  }
}

// The end of a request.

void stream::on_task_done(std::exception_ptr exception) noexcept {
  task_.destroy();
  running_ = false;
  if (!context_) {
    release_if_done();  // A detached handler.
    return;
  }
  if (upgraded_) {
    if (exception) http::log_failure(*context_, exception, error_ != std::errc(), upgraded_.get());
    std::exchange(upgraded_, nullptr)->on_handler_done(exception != nullptr);
  } else {
    try {
      if (!exception) finish_response(context_->response());
    } catch (...) {
      exception = std::current_exception();
    }
    try {
      if (exception) answer_failure(exception);
    } catch (...) {
      observe::log(observe::log_level::error,
                   "A response failed: " + observe::describe(std::current_exception()));
      reset(NGHTTP2_INTERNAL_ERROR);
    }
    forget_input();
  }
  if (plain_) {
    plain_->drain_waiter = nullptr;
    plain_->timing.reset();
    plain_->body.reset();
    plain_->early = {};
    if (!closed_) loop().state().at_turn_end(*plain_);
  }
  context_.reset();
  release_if_done();
}

void stream::finish_response(http_response& response) {
  if (closed_) return;
  if (!response.has_started()) {
    const auto text = http::error_content(*context_, connection_.options());
    write(response, bytes_of(text), true);
  }
  if (plain_->length_left.value_or(0) > 0 && !plain_->no_body) {
    observe::log(observe::log_level::error,
                 "The handler of " + std::string(context_->request().path()) +
                     " wrote fewer bytes than Content-Length says; the stream is reset.");
    reset(NGHTTP2_INTERNAL_ERROR);
    return;
  }
  if (const auto* const trailers = response.trailers(); trailers && !plain_->no_body) {
    plain_->trailers = std::make_unique<headers>(*trailers);
  }
  end_output();
}

void stream::answer_failure(const std::exception_ptr& exception) {
  auto& response = context_->response();
  http::log_failure(*context_, exception, error_ != std::errc());
  if (closed_) return;
  if (response.has_started()) {
    // Half an answer cannot be taken back: the client must see that it is broken.
    reset(NGHTTP2_INTERNAL_ERROR);
    return;
  }
  http::answer_failure(*context_, exception);
  finish_response(response);
}

void stream::abort() noexcept { reset(NGHTTP2_INTERNAL_ERROR); }

void stream::reset(std::uint32_t code) {
  if (closed_) return;
  connection_.submit_reset(id_, code);
  fail(std::errc::connection_aborted);
}

/// Nothing is sent or received any more.
void stream::fail(std::errc error) {
  forget_output();
  output_ended_ = true;
  if (error_ == std::errc()) error_ = error;
  if (tunnel_) tunnel_->lost(error_);
  if (running_ && context_) {
    context_->signal_aborted();
    if (body()) body()->fail(connection_error());
    wake_writer();
  }
}

/// What nghttp2 has been told of goes before the reset: its frame may have found no room yet.
void stream::forget_output() noexcept {
  if (closed_ || promised_ == 0) output_.clear();
}

void stream::on_closed(std::uint32_t code) {
  closed_ = true;
  forget_unstarted();
  const bool in_order = end_sent_ && (code == NGHTTP2_NO_ERROR);
  if (!in_order) {
    fail(std::errc::connection_reset);
  } else if (tunnel_) {
    tunnel_->lost(std::errc::connection_reset);
  } else if (running_ && plain_ && plain_->head_request) {
    // Nothing that is written will show that the client has gone: the answer to HEAD has no body.
    limits_in_time().set(loop().state().deadlines(), linger_limit);
  }
  // An answer may end before its handler does; what is left of the request's body does not come.
  if (body() && !body()->is_complete()) {
    body()->fail(std::make_error_code(std::errc::connection_reset));
  }
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
  if (!closed_ || running_ || tunnel_ || std::exchange(released_, true)) return;
  if (plain_) {
    plain_->unlink();
    plain_->timing.reset();
  }
  forget_input();
  connection_.release(*this);
}

void stream::report_work(async::work_report& to) const {
  if (running_ && context_) {
    http::report_request(*context_, upgraded_.get(), to);
  } else if (!running_ && !closed_ && !tunnel_ && !output_.empty()) {
    to.add(async::unread_output);
  }
}

// Tunnels.

bool stream::is_upgradable() const noexcept {
  return context_ && !context_->request().connect_protocol().empty();
}

std::unique_ptr<io::byte_stream> stream::upgrade(
    http_response& response, std::shared_ptr<http::upgraded_protocol> protocol) {
  if (upgraded_) {
    throw std::logic_error(
        "IHttpExtendedConnectFeature.AcceptAsync was already called and can only be called once "
        "per request.");
  }
  if (!is_upgradable()) {
    throw std::logic_error(
        "Cannot accept a non-CONNECT request. Check IHttpExtendedConnectFeature.IsExtendedConnect "
        "to determine if a request can be accepted.");
  }
  if (!is_success(response.status())) {
    throw std::logic_error("The response status code for a Extended CONNECT request must be 2XX.");
  }
  if (const auto error = connection_error()) throw std::system_error(error);
  auto slot = http::take_upgraded_slot(connection_.options());
  start_response(response, 0, false);
  response.release_headers();
  upgraded_ = std::move(protocol);
  auto made = std::make_unique<tunnel>(*this, loop(), std::move(plain_->early));
  plain_.reset();
  made->hold(std::move(slot));
  tunnel_ = made.get();
  connection_.widen_window(id_);
  if (read_ended_) tunnel_->receive_end();
  return made;
}

void stream::on_upgraded_lost() noexcept {
  if (context_) context_->signal_aborted();
}

void stream::on_tunnel_gone(std::uint32_t code) {
  tunnel_ = nullptr;
  forget_output();
  forget_input();
  if (!closed_) connection_.submit_reset(id_, code);
  output_ended_ = true;
  release_if_done();
}

}  // namespace saker::http::v2
