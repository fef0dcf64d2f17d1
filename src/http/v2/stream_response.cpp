// What a stream sends, and the pace of both sides.

#include <utility>

#include "http/v2/connection.hpp"
#include "http/v2/response_fields.hpp"
#include "http/v2/stream.hpp"
#include "http/v2/tunnel.hpp"

namespace saker::http::v2 {

void stream::send_head(const http_response& response, const content_size& content) {
  if (closed_) return;
  const auto status = response.status();
  const auto& fields = response.headers();
  response_fields head(status);
  if (options().add_server_header && !fields.contains("Server")) head.add("server", "Saker");
  const bool allows_length = content.allowed || status == 304;
  for (const auto& [name, value] : fields) {
    if (!allows_length && equals_ignoring_case(name, "Content-Length")) continue;
    head.add_unless_of_connection(name, value);
  }
  // CONNECT has no content (RFC 9110, section 9.3.6).
  if (content.add_length && !exchange_->is_upgradable()) head.add_length(*content.length);
  const bool empty = content.complete && content.length == 0 && !response.trailers();
  const bool nothing_follows = !content.sent || empty;
  if (nothing_follows) output_.finish();
  connection_.submit_head(id_, head, nothing_follows);
}

void stream::send_end(const headers* trailers) {
  if (closed_ || !output_.is_open()) return;
  if (trailers) request_->trailers = std::make_unique<headers>(*trailers);
  end_output();
}

void stream::send_continue() {
  if (!closed_) connection_.submit_continue(id_);
}

void stream::append_output(std::span<const std::byte> data) {
  if (closed_ || !output_.is_open()) return;
  output_.append(data);
  submit_output();
}

void stream::end_output() {
  if (!closed_ && output_.finish()) submit_output();
}

void stream::submit_output() {
  if (output_.submit()) connection_.submit_data(*this, id_);
  connection_.flush_later();
}

ssize_t stream::next_data(std::size_t most, std::uint32_t& flags) {
  const auto size = output_.promise(most);
  flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (!output_.promises_all()) return static_cast<ssize_t>(size);
  flags |= NGHTTP2_DATA_FLAG_EOF;
  if (output_.is_open()) {
    flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
  } else if (request_ && request_->trailers) {
    flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    submit_trailers();
  }
  return static_cast<ssize_t>(size);
}

void stream::send_data(std::span<const std::byte> frame_head, std::size_t size) {
  output_.keep_promise();
  connection_.write_frame(frame_head, output_.queue(), size);
  if (tunnel_) {
    tunnel_->on_sent(size);
  } else if (request_) {
    request_->sent += size;
    if (exchange_ && exchange_->awaits_room() && !exchange_->is_congested()) {
      state().at_turn_end(*request_);
    }
  }
}

void stream::on_data_sent(bool end_of_stream) {
  if (output_.end_submission()) {
    // What came while the last frame waited for room.
    const bool trailers = request_ && request_->trailers;
    if (!output_.empty() || (!output_.is_open() && !end_of_stream && !trailers)) submit_output();
  }
  if (end_of_stream) on_end_sent();
}

void stream::submit_trailers() {
  response_fields fields;
  for (const auto& [name, value] : *request_->trailers) fields.add(name, value);
  connection_.submit_trailers(id_, fields);
}

void stream::on_end_sent() {
  output_.note_end_sent();
  // Nobody reads what may still come: the client is told, without an error. A tunnel that closes
  // waits a moment for the other end.
  if (!read_ended_ && !tunnel_ && !closed_) connection_.submit_reset(id_, NGHTTP2_NO_ERROR);
}

void stream::on_turn_end() {
  if (handler_ == handler::due) {
    handler_ = handler::running;
    exchange_->run();
  } else if (!exchange_) {
    watch_client();
  } else if (!exchange_->is_congested()) {
    exchange_->on_room();
  }
}

// The pace of the client.

void stream::on_stopping() {
  if (exchange_) exchange_->on_stopping();
  if (request_ && request_->pace && request_->pace->is_set()) {
    request_->pace->set(state().deadlines(), async::deadline_wheel::tick);
  }
}

/// A write waits, or the handler has ended and the client has not got all of the response.
bool stream::waits_for_client() const noexcept {
  if (!request_ || closed_) return false;
  return exchange_ ? exchange_->awaits_room() : !output_.is_end_sent();
}

/// It must keep pace from now on. One write after the other is one wait: what lies between them is
/// the client's doing as well.
void stream::watch_client() {
  if (!waits_for_client() || options().limits.min_response_data_rate == 0) return;
  auto& pace = request_->pace;
  if (!pace) {
    pace = std::make_unique<response_pace>(
        [](void* self) { static_cast<stream*>(self)->check_client(); }, this);
  }
  if (std::exchange(pace->is_watched, true)) return;
  pace->own.begin(request_->sent);
  pace->all.begin(connection_.data_sent());
  pace->set(state().deadlines(), rate_check_interval);
}

void stream::check_client() {
  auto& pace = *request_->pace;
  pace.is_watched &= waits_for_client();
  if (!pace.is_watched) return;
  if (client_is_slow()) {
    connection_.give_up();
  } else {
    pace.set(state().deadlines(), rate_check_interval);
  }
}

/// It is the client's doing when it has closed the stream's window, or takes nothing on the other
/// streams either.
bool stream::client_is_slow() {
  auto& pace = *request_->pace;
  const auto& limits = options().limits;
  const auto rate = limits.min_response_data_rate;
  const bool stopping = state().is_stopping();
  const bool takes_nothing = pace.all.is_slow(connection_.data_sent(), rate, limits, stopping);
  if (!pace.own.is_slow(request_->sent, rate, limits, stopping)) return false;
  if (takes_nothing || connection_.is_window_closed(id_)) return true;
  pace.own.begin(request_->sent);
  return false;
}

}  // namespace saker::http::v2
