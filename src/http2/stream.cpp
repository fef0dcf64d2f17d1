#include "http2/stream.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <saker/http/error.hpp>

#include "core/channel_security.hpp"
#include "core/log.hpp"
#include "http/connection_options.hpp"
#include "http/failure.hpp"
#include "http2/connection.hpp"
#include "http2/response_fields.hpp"
#include "http2/tunnel.hpp"

namespace saker::http2 {
namespace {

/// Windows are given back in steps: each WINDOW_UPDATE that is saved is a frame less.
constexpr std::size_t credit_step = 16 * 1024;

bool allows_body(int status) { return status >= 200 && status != 204 && status != 304; }

bool is_success(int status) { return status >= 200 && status < 300; }

bool is_forbidden_length(std::string_view name, int status) {
  return status != 304 && !allows_body(status) && equals_ignoring_case(name, "Content-Length");
}

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
std::shared_ptr<const core::channel_security> stream::security() const noexcept {
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
    core::log(core::log_level::debug, "Bad request: " + std::string(fault));
    reset(NGHTTP2_PROTOCOL_ERROR);
    return;
  }
  context_.emplace(static_cast<http::exchange&>(*this));
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
    task_ = core::root_task(connection_.options().application(*context_));
  } catch (...) {
    on_task_done(std::current_exception());
    return;
  }
  task_.start(*this);
}

void stream::on_trailers(const head_builder& builder, bool end_of_stream) {
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
    consumed(data.size());
  }
}

void stream::push_body(std::span<const std::byte> data) {
  plain_->continue_due = false;
  plain_->body_bytes += data.size();
  const auto most = limits().max_request_body_size;
  if (most && plain_->body_bytes > *most) {
    plain_->body->fail({413, http_category()});
    consumed(data.size());
    return;
  }
  plain_->body->push(data);
  if (body()) settle_body();
}

/// Gives back what the application has taken.
void stream::settle_body() {
  if (unconsumed_ > plain_->body->kept()) consumed(unconsumed_ - plain_->body->kept());
}

void stream::consumed(std::size_t bytes) {
  unconsumed_ -= static_cast<std::uint32_t>(bytes);
  connection_.release_input(bytes);
  to_credit_ += static_cast<std::uint32_t>(bytes);
  if (to_credit_ < credit_step || closed_ || read_ended_) return;
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

// The response.

void stream::write(http_response& response, std::span<const std::byte> data, bool last) {
  if (upgraded_) {
    throw std::logic_error("Cannot write to response body after connection has been upgraded.");
  }
  if (is_upgradable() && is_success(response.status()) && !data.empty()) {
    throw std::logic_error("Responses to 'CONNECT' requests with the success status code '" +
                           std::to_string(response.status()) +
                           "' cannot have a response body. Use the 'IHttpExtendedConnectFeature' "
                           "to accept the request.");
  }
  if (!response.has_started()) start_response(response, data.size(), last);
  if (const auto error = connection_error()) throw std::system_error(error);
  if (!data.empty()) write_body(data);
}

void stream::start_response(http_response& response, std::size_t known_size, bool last) {
  response.mark_started();
  const auto status = response.status();
  const auto& fields = std::as_const(response).headers();
  plain_->no_body = !allows_body(status) || plain_->head_request;
  const auto length = fields.find("Content-Length");
  if (length && allows_body(status)) {
    plain_->length_left.emplace(0);
    std::from_chars(length->data(), length->data() + length->size(), *plain_->length_left);
  }
  const bool add_length = last && !length && allows_body(status) && !is_upgradable();
  if (add_length) plain_->length_left = known_size;
  if (closed_) return;
  response_fields head(status);
  if (connection_.options().add_server_header && !fields.contains("Server")) {
    head.add("server", "Saker");
  }
  for (const auto& [name, value] : fields) {
    if (is_forbidden_length(name, status)) continue;
    head.add_unless_of_connection(name, value);
  }
  if (add_length) head.add_length(known_size);
  const bool nothing_follows = plain_->no_body || (last && known_size == 0 && !response.trailers());
  output_ended_ = nothing_follows;
  connection_.submit_head(id_, head, nothing_follows);
}

void stream::write_body(std::span<const std::byte> data) {
  if (plain_->no_body && !plain_->head_request) {
    throw std::logic_error("A response with this status has no body.");
  }
  if (plain_->length_left) {
    if (data.size() > *plain_->length_left) {
      throw std::logic_error("Response Content-Length mismatch: too many bytes written.");
    }
    *plain_->length_left -= data.size();
  }
  if (!plain_->no_body) append_output(data);
}

void stream::append_output(std::span<const std::byte> data) {
  if (closed_ || output_ended_) return;
  output_.append(data);
  submit_output();
}

void stream::end_output() {
  if (closed_ || std::exchange(output_ended_, true)) return;
  submit_output();
}

/// nghttp2 is told of data only as long as there are some: a stream that waits holds less.
void stream::submit_output() {
  if (!std::exchange(data_submitted_, true)) connection_.submit_data(*this, id_);
  connection_.flush_later();
}

ssize_t stream::next_data(std::size_t most, std::uint32_t& flags) {
  const auto size = std::min(most, output_.size());
  flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (size < output_.size()) return static_cast<ssize_t>(size);
  flags |= NGHTTP2_DATA_FLAG_EOF;
  data_ends_ = true;
  if (!output_ended_) {
    flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
  } else if (plain_ && plain_->trailers) {
    flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    submit_trailers();
  }
  return static_cast<ssize_t>(size);
}

void stream::send_data(std::span<const std::byte> frame_head, std::size_t size) {
  connection_.write_frame(frame_head, output_, size);
  if (tunnel_) {
    tunnel_->on_sent(size);
  } else if (plain_) {
    plain_->sent += size;
    if (plain_->drain_waiter && !congested()) loop().state().at_turn_end(*plain_);
  }
}

void stream::on_data_sent(bool end_of_stream) {
  if (std::exchange(data_ends_, false)) {
    data_submitted_ = false;
    // What came while the last frame waited for room.
    const bool trailers = plain_ && plain_->trailers;
    if (!output_.empty() || (output_ended_ && !end_of_stream && !trailers)) submit_output();
  }
  if (end_of_stream) on_end_sent();
}

void stream::submit_trailers() {
  response_fields fields;
  for (const auto& [name, value] : *plain_->trailers) fields.add(name, value);
  connection_.submit_trailers(id_, fields);
}

void stream::on_end_sent() {
  end_sent_ = true;
  // Nobody reads what may still come: the client is told, without an error. A tunnel that closes
  // waits a moment for the other end.
  if (!read_ended_ && !tunnel_ && !closed_) connection_.submit_reset(id_, NGHTTP2_NO_ERROR);
}

bool stream::congested() const noexcept {
  const auto most = limits().max_response_buffer_size;
  return most && !closed_ && output_.size() >= std::max<std::size_t>(*most, 1);
}

void stream::set_drain_waiter(core::resumption* waiter) noexcept {
  plain_->drain_waiter = waiter;
  if (!waiter || closed_ || limits().min_response_data_rate == 0) return;
  auto& timing = limits_in_time();
  timing.response.begin(plain_->sent);
  timing.set(loop().state().deadlines(), http::rate_check_interval);
}

void stream::on_turn_end() {
  if (std::exchange(plain_->starting, false)) {
    run_handler();
  } else if (!running_) {
    begin_waiting_for_client();
  } else if (!congested()) {
    wake_writer();
  }
}

/// The handler has ended and the client has not taken all of the response: it must keep pace.
void stream::begin_waiting_for_client() {
  if (closed_ || end_sent_ || tunnel_ || limits().min_response_data_rate == 0) return;
  auto& timing = limits_in_time();
  timing.response.begin(plain_->sent);
  timing.set(loop().state().deadlines(), http::rate_check_interval);
}

void stream::wake_writer() {
  if (!plain_) return;
  if (auto* const waiter = std::exchange(plain_->drain_waiter, nullptr)) {
    waiter->wake(loop().state());
  }
}

// The end of a request.

void stream::on_task_done(std::exception_ptr exception) noexcept {
  task_.destroy();
  running_ = false;
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
      core::log(core::log_level::error,
                "A response failed: " + core::describe(std::current_exception()));
      reset(NGHTTP2_INTERNAL_ERROR);
    }
    if (unconsumed_ > 0) consumed(unconsumed_);
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
    core::log(core::log_level::error,
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
  output_.clear();
  output_ended_ = true;
  if (error_ == std::errc()) error_ = error;
  if (tunnel_) std::exchange(tunnel_, nullptr)->lost(error_);
  if (running_ && context_) {
    context_->signal_aborted();
    if (body()) body()->fail(connection_error());
    wake_writer();
  }
}

void stream::on_closed(std::uint32_t code) {
  closed_ = true;
  forget_unstarted();
  const bool in_order = end_sent_ && (code == NGHTTP2_NO_ERROR);
  if (in_order && tunnel_) {
    std::exchange(tunnel_, nullptr)->ended();
  } else if (!in_order) {
    fail(std::errc::connection_reset);
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
  if (unconsumed_ > 0) consumed(unconsumed_);
  connection_.release(*this);
}

// Tunnels.

bool stream::is_upgradable() const noexcept {
  return context_ && !context_->request().connect_protocol().empty();
}

std::unique_ptr<core::byte_stream> stream::upgrade(
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
  if (read_ended_) tunnel_->receive_end();
  return made;
}

void stream::on_upgraded_lost() noexcept {
  if (context_) context_->signal_aborted();
}

void stream::on_tunnel_gone(std::uint32_t code) {
  tunnel_ = nullptr;
  output_.clear();
  if (unconsumed_ > 0) consumed(unconsumed_);
  if (!closed_) connection_.submit_reset(id_, code);
  output_ended_ = true;
  release_if_done();
}

// Limits in time.

stream::time_limits& stream::limits_in_time() {
  if (!plain_->timing) {
    plain_->timing = std::make_unique<time_limits>(
        [](void* self) { static_cast<stream*>(self)->check_rates(); }, this);
  }
  return *plain_->timing;
}

void stream::check_rates() {
  if (closed_) return;
  const bool response_waits = plain_->drain_waiter || (!running_ && !end_sent_ && !tunnel_);
  if (response_waits &&
      plain_->timing->response.is_slow(plain_->sent, limits().min_response_data_rate, limits())) {
    core::log(core::log_level::debug, "A client takes its response too slowly.");
    reset(NGHTTP2_INTERNAL_ERROR);
    return;
  }
  const bool body_wanted = plain_->body && !plain_->body->is_complete();
  if (body_wanted && plain_->body->kept() == 0 &&
      plain_->timing->body.is_slow(plain_->body_bytes, limits().min_request_body_data_rate,
                                   limits())) {
    plain_->body->fail({408, http_category()});
    return;
  }
  if (body_wanted || response_waits) {
    plain_->timing->set(loop().state().deadlines(), http::rate_check_interval);
  }
}

}  // namespace saker::http2
