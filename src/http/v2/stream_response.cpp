// What a stream sends, and the pace of both sides.

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <saker/http/message/error.hpp>

#include "http/exchange/connection_options.hpp"
#include "http/v2/connection.hpp"
#include "http/v2/response_fields.hpp"
#include "http/v2/stream.hpp"
#include "http/v2/tunnel.hpp"

namespace saker::http::v2 {
namespace {

bool allows_body(int status) { return status >= 200 && status != 204 && status != 304; }

bool is_success(int status) { return status >= 200 && status < 300; }

bool is_forbidden_length(std::string_view name, int status) {
  return status != 304 && !allows_body(status) && equals_ignoring_case(name, "Content-Length");
}

/// What is written for nobody before the writer waits.
constexpr std::uint64_t most_unsent = 64 * 1024;

}  // namespace

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
  if (plain_->head_request) {
    discard(data.size());
  } else {
    append_output(data);
  }
}

/// The answer to HEAD ends with its head. A handler that goes on writing is made to wait, and ended
/// when the client has all of it.
void stream::discard(std::size_t bytes) {
  plain_->unsent += bytes;
  if (!closed_ || plain_->unsent < most_unsent) return;
  error_ = std::errc::connection_reset;
  throw std::system_error(connection_error());
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
  promised_ = static_cast<std::uint32_t>(size);
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
  promised_ = 0;
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
  if (plain_ && plain_->head_request) return plain_->unsent >= most_unsent;
  const auto most = limits().max_response_buffer_size;
  return most && !closed_ && output_.size() >= std::max<std::size_t>(*most, 1);
}

void stream::set_drain_waiter(async::resumption* waiter) noexcept {
  if (!plain_) return;
  plain_->drain_waiter = waiter;
  if (!waiter) return;
  if (plain_->head_request) {
    limits_in_time().set(loop().state().deadlines(), async::deadline_wheel::tick);
  } else {
    begin_waiting_for_client();
  }
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

/// A write waits, or the handler has ended and the client has not got all of the response.
bool stream::waits_for_client() const noexcept {
  return plain_ && !closed_ && (plain_->drain_waiter || (!running_ && !end_sent_));
}

/// It must keep pace from now on. One write after the other is one wait: what lies between them is
/// the client's doing as well.
void stream::begin_waiting_for_client() {
  if (!waits_for_client() || limits().min_response_data_rate == 0) return;
  auto& timing = limits_in_time();
  if (std::exchange(timing.response_is_watched, true)) return;
  timing.response.begin(plain_->sent);
  timing.all.begin(connection_.data_sent());
  timing.set(loop().state().deadlines(), http::rate_check_interval);
}

void stream::wake_writer() {
  if (!plain_) return;
  if (auto* const waiter = std::exchange(plain_->drain_waiter, nullptr)) {
    waiter->wake(loop().state());
  }
}

// Limits in time.

void stream::look_at_rates(async::deadline_wheel& wheel) const {
  if (plain_ && plain_->timing && plain_->timing->is_set()) {
    plain_->timing->set(wheel, async::deadline_wheel::tick);
  }
}

stream::time_limits& stream::limits_in_time() {
  if (!plain_->timing) {
    plain_->timing = std::make_unique<time_limits>(
        [](void* self) { static_cast<stream*>(self)->check_rates(); }, this);
  }
  return *plain_->timing;
}

void stream::check_rates() {
  const bool answers_head = plain_ && plain_->head_request;
  if (answers_head) wake_writer();
  if (closed_) {
    if (running_ && answers_head) fail(std::errc::connection_reset);
    return;
  }
  const bool response_waits = waits_for_client();
  if (plain_->timing) plain_->timing->response_is_watched &= response_waits;
  if (response_waits && client_is_slow()) {
    connection_.give_up();
    return;
  }
  bool body_wanted = plain_->body && !plain_->body->is_complete();
  if (body_wanted && body_is_slow()) {
    plain_->body->fail({408, http_category()});
    body_wanted = false;
  }
  if (body_wanted || response_waits) {
    plain_->timing->set(loop().state().deadlines(), http::rate_check_interval);
  }
}

/// While nobody waits for more, it is not the client that is slow.
bool stream::body_is_slow() {
  auto& rate = plain_->timing->body;
  if (plain_->body->is_awaited()) {
    return rate.is_slow(plain_->body_bytes, limits().min_request_body_data_rate, limits(),
                        loop().state().is_stopping());
  }
  rate.begin(plain_->body_bytes);
  return false;
}

/// A stream may get nothing because others have their turn first. It is the client's doing when it
/// has closed the stream's window, or takes nothing on the other streams either.
bool stream::client_is_slow() {
  auto& timing = *plain_->timing;
  const auto rate = limits().min_response_data_rate;
  const bool stopping = loop().state().is_stopping();
  const bool takes_nothing = timing.all.is_slow(connection_.data_sent(), rate, limits(), stopping);
  if (!timing.response.is_slow(plain_->sent, rate, limits(), stopping)) return false;
  if (takes_nothing || connection_.is_window_closed(id_)) return true;
  timing.response.begin(plain_->sent);
  return false;
}

}  // namespace saker::http::v2
