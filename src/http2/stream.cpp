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
      builder_(std::make_unique<head_builder>(on.options().limits)),
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

void stream::on_head(bool end_of_stream) {
  const auto builder = std::move(builder_);
  read_ended_ = end_of_stream;
  if (builder->is_too_large()) {
    refuse_head();
    return;
  }
  if (const auto fault = builder->finish(scheme(), end_of_stream); !fault.empty()) {
    core::log(core::log_level::debug, "Bad request: " + std::string(fault));
    reset(NGHTTP2_PROTOCOL_ERROR);
    return;
  }
  context_.emplace(static_cast<http::exchange&>(*this));
  context_->request().assign(builder->take());
  const auto& request = context_->request();
  head_request_ = request.method() == "HEAD";
  if (request.has_body()) {
    body_ = std::make_unique<http::body_pipe>(static_cast<http::body_pipe::source&>(*this));
    continue_due_ = equals_ignoring_case(request.headers().get("Expect"), "100-continue");
  }
  run_handler();
}

void stream::refuse_head() {
  connection_.submit_response(*this, id_, response_fields(431), false);
  output_ended_ = true;
}

void stream::run_handler() {
  running_ = true;
  try {
    task_ = core::root_task(connection_.options().application(*context_));
  } catch (...) {
    on_task_done(std::current_exception());
    return;
  }
  task_.start(*this);
}

void stream::begin_trailers() {
  builder_ = std::make_unique<head_builder>(limits());
}

void stream::on_trailers(bool end_of_stream) {
  const auto builder = std::move(builder_);
  if (context_ && builder && !builder->is_too_large()) {
    context_->request().set_trailers(builder->take_fields());
  }
  if (end_of_stream) on_end();
}

void stream::on_data(std::span<std::byte> data) {
  unconsumed_ += data.size();
  connection_.keep_input(data.size());
  if (tunnel_) {
    tunnel_->receive(data);
  } else if (body_ && running_) {
    push_body(data);
  } else if (running_ && is_upgradable()) {
    if (!early_) early_ = std::make_unique<std::vector<std::byte>>();
    early_->insert(early_->end(), data.begin(), data.end());
  } else {
    consumed(data.size());
  }
}

void stream::push_body(std::span<const std::byte> data) {
  continue_due_ = false;
  body_bytes_ += data.size();
  const auto most = limits().max_request_body_size;
  if (most && body_bytes_ > *most) {
    body_->fail({413, http_category()});
    consumed(data.size());
    return;
  }
  body_->push(data);
  if (body_) settle_body();
}

/// Gives back what the application has taken.
void stream::settle_body() {
  if (unconsumed_ > body_->kept()) consumed(unconsumed_ - body_->kept());
}

void stream::consumed(std::size_t bytes) {
  unconsumed_ -= bytes;
  connection_.release_input(bytes);
  to_credit_ += bytes;
  if (to_credit_ < credit_step || closed_ || read_ended_) return;
  connection_.credit(id_, std::exchange(to_credit_, 0));
}

void stream::on_end() {
  read_ended_ = true;
  if (body_) body_->finish();
  if (tunnel_) tunnel_->receive_end();
}

void stream::on_body_wanted() {
  const auto& limit = limits().max_request_body_size;
  const auto& length = context_->request().content_length();
  if (limit && length && *length > *limit) throw http_error(413, "Request body too large.");
  if (std::exchange(continue_due_, false) && !context_->response().has_started() && !closed_) {
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
  if (error_) throw std::system_error(error_);
  if (!data.empty()) write_body(data);
}

void stream::start_response(http_response& response, std::size_t known_size, bool last) {
  response.mark_started();
  const auto status = response.status();
  const auto& fields = std::as_const(response).headers();
  no_body_ = !allows_body(status) || head_request_;
  const auto length = fields.find("Content-Length");
  if (length && allows_body(status)) {
    length_left_.emplace(0);
    std::from_chars(length->data(), length->data() + length->size(), *length_left_);
  }
  const bool add_length = last && !length && allows_body(status) && !is_upgradable();
  if (add_length) length_left_ = known_size;
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
  const bool nothing_follows = no_body_ || (last && known_size == 0 && !response.trailers());
  output_ended_ = nothing_follows;
  connection_.submit_response(*this, id_, head, !nothing_follows);
}

void stream::write_body(std::span<const std::byte> data) {
  if (no_body_ && !head_request_) {
    throw std::logic_error("A response with this status has no body.");
  }
  if (length_left_) {
    if (data.size() > *length_left_) {
      throw std::logic_error("Response Content-Length mismatch: too many bytes written.");
    }
    *length_left_ -= data.size();
  }
  if (!no_body_) append_output(data);
}

void stream::append_output(std::span<const std::byte> data) {
  if (closed_ || output_ended_) return;
  output_.append(data);
  if (std::exchange(deferred_, false)) connection_.resume_data(id_);
  connection_.flush_later();
}

void stream::end_output() {
  if (closed_ || std::exchange(output_ended_, true)) return;
  if (std::exchange(deferred_, false)) connection_.resume_data(id_);
  connection_.flush_later();
}

ssize_t stream::next_data(std::size_t most, std::uint32_t& flags) {
  const auto size = std::min(most, output_.size());
  if (size == 0 && !output_ended_) {
    deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (output_ended_ && size == output_.size()) {
    flags |= NGHTTP2_DATA_FLAG_EOF;
    if (trailers_) {
      flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      submit_trailers();
    }
  }
  return static_cast<ssize_t>(size);
}

void stream::send_data(std::span<const std::byte> frame_head, std::size_t size) {
  connection_.write_frame(frame_head, output_, size);
  sent_ += size;
  if (tunnel_) {
    tunnel_->on_sent(size);
  } else if (drain_waiter_ && !congested()) {
    loop().state().at_turn_end(*this);
  }
}

void stream::submit_trailers() {
  response_fields fields;
  for (const auto& [name, value] : *trailers_) fields.add(name, value);
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

void stream::set_drain_waiter(std::coroutine_handle<> waiter) noexcept {
  drain_waiter_ = waiter;
  if (!waiter || closed_ || limits().min_response_data_rate == 0) return;
  auto& timing = limits_in_time();
  timing.response.begin(sent_);
  timing.set(loop().state().deadlines(), http::rate_check_interval);
}

void stream::on_turn_end() {
  if (!running_) {
    begin_waiting_for_client();
  } else if (!congested()) {
    wake_writer();
  }
}

/// The handler has ended and the client has not taken all of the response: it must keep pace.
void stream::begin_waiting_for_client() {
  if (closed_ || end_sent_ || tunnel_ || limits().min_response_data_rate == 0) return;
  auto& timing = limits_in_time();
  timing.response.begin(sent_);
  timing.set(loop().state().deadlines(), http::rate_check_interval);
}

void stream::wake_writer() {
  if (auto waiter = std::exchange(drain_waiter_, {})) waiter.resume();
}

// The end of a request.

void stream::on_task_done(std::exception_ptr exception) noexcept {
  task_.destroy();
  running_ = false;
  if (upgraded_) {
    if (exception) http::log_failure(*context_, exception, bool(error_), upgraded_.get());
    std::exchange(upgraded_, nullptr)->on_handler_done(exception != nullptr);
  } else {
    try {
      if (exception) {
        answer_failure(exception);
      } else {
        finish_response(context_->response());
      }
    } catch (...) {
      core::log(core::log_level::error,
                "A response failed: " + core::describe(std::current_exception()));
      reset(NGHTTP2_INTERNAL_ERROR);
    }
    if (unconsumed_ > 0) consumed(unconsumed_);
  }
  drain_waiter_ = {};
  timing_.reset();
  body_.reset();
  early_.reset();
  context_.reset();
  if (!closed_) loop().state().at_turn_end(*this);
  release_if_done();
}

void stream::finish_response(http_response& response) {
  if (closed_) return;
  if (!response.has_started()) write(response, {}, true);
  if (length_left_.value_or(0) > 0 && !no_body_) {
    core::log(core::log_level::error,
              "The handler of " + std::string(context_->request().path()) +
                  " wrote fewer bytes than Content-Length says; the stream is reset.");
    reset(NGHTTP2_INTERNAL_ERROR);
    return;
  }
  if (!no_body_) trailers_ = response.take_trailers();
  end_output();
}

void stream::answer_failure(const std::exception_ptr& exception) {
  auto& response = context_->response();
  http::log_failure(*context_, exception, bool(error_));
  if (closed_) return;
  if (response.has_started()) {
    // Half an answer cannot be taken back: the client must see that it is broken.
    reset(NGHTTP2_INTERNAL_ERROR);
    return;
  }
  const auto text =
      http::answer_failure(response, exception, connection_.options().include_exception_details);
  write(response, bytes_of(text), true);
  end_output();
}

void stream::abort() noexcept { reset(NGHTTP2_INTERNAL_ERROR); }

void stream::reset(std::uint32_t code) {
  if (closed_) return;
  connection_.submit_reset(id_, code);
  fail(std::make_error_code(std::errc::connection_aborted));
}

/// Nothing is sent or received any more.
void stream::fail(std::error_code error) {
  output_.clear();
  output_ended_ = true;
  if (!error_) error_ = error;
  if (tunnel_) std::exchange(tunnel_, nullptr)->lost(error_);
  if (running_ && context_) {
    context_->signal_aborted();
    if (body_) body_->fail(error_);
    wake_writer();
  }
}

void stream::on_closed(std::uint32_t code) {
  closed_ = true;
  const bool in_order = end_sent_ && (code == NGHTTP2_NO_ERROR);
  if (in_order && tunnel_) {
    std::exchange(tunnel_, nullptr)->ended();
  } else if (!in_order) {
    fail(std::make_error_code(std::errc::connection_reset));
  }
  release_if_done();
}

void stream::on_lost(std::error_code error) {
  closed_ = true;
  fail(error);
  release_if_done();
}

void stream::release_if_done() {
  if (!closed_ || running_ || tunnel_) return;
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
  if (error_) throw std::system_error(error_);
  auto slot = http::take_upgraded_slot(connection_.options());
  start_response(response, 0, false);
  response.release_headers();
  upgraded_ = std::move(protocol);
  auto early = early_ ? std::move(*early_) : std::vector<std::byte>();
  early_.reset();
  auto made = std::make_unique<tunnel>(*this, loop(), std::move(early));
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
  if (!timing_) {
    timing_ = std::make_unique<time_limits>(
        [](void* self) { static_cast<stream*>(self)->check_rates(); }, this);
  }
  return *timing_;
}

void stream::check_rates() {
  if (closed_) return;
  const bool response_waits = drain_waiter_ || (!running_ && !end_sent_ && !tunnel_);
  if (response_waits &&
      timing_->response.is_slow(sent_, limits().min_response_data_rate, limits())) {
    core::log(core::log_level::debug, "A client takes its response too slowly.");
    reset(NGHTTP2_INTERNAL_ERROR);
    return;
  }
  const bool body_wanted = body_ && !body_->is_complete();
  if (body_wanted && body_->kept() == 0 &&
      timing_->body.is_slow(body_bytes_, limits().min_request_body_data_rate, limits())) {
    body_->fail({408, http_category()});
    return;
  }
  if (body_wanted || response_waits) {
    timing_->set(loop().state().deadlines(), http::rate_check_interval);
  }
}

}  // namespace saker::http2
