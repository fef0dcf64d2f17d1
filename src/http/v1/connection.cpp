#include "http/v1/connection.hpp"

#include <algorithm>
#include <utility>

#include <saker/http/message/error.hpp>

#include "http/exchange/problem_text.hpp"
#include "http/message/http_date.hpp"
#include "http/v1/response_head.hpp"
#include "observe/log.hpp"

namespace saker::http::v1 {
namespace {

constexpr std::chrono::seconds linger_limit{5};
constexpr std::chrono::seconds drain_limit{5};
/// What a client is given to end what nobody waits for, when the server stops.
constexpr std::uint64_t most_drained = 1024 * 1024;

bool begins_with(std::span<const std::byte> data, std::string_view text) {
  return data.size() >= text.size() && std::ranges::equal(data.first(text.size()), bytes_of(text));
}

}  // namespace

connection::connection(std::unique_ptr<io::byte_stream> stream, const connection_options& options)
    : loop_(stream->loop()),
      stream_(std::move(stream)),
      options_(options),
      security_(stream_->security()),
      timing_(std::make_unique<timing>(
          [](void* of) { static_cast<connection*>(of)->on_deadline(); },
          [](void* of) { static_cast<connection*>(of)->read_on(); }, this)) {
  timing_->reader = std::make_unique<request_reader>(options_.limits);
  stream_->set_handler(this);
  state().stoppables().push_back(*this);
  timing_->set(state().deadlines(), options_.limits.keep_alive_timeout);
}

connection::~connection() {
  if (exchange_) exchange_->end_handler();
}

void connection::start(std::unique_ptr<io::byte_stream> stream, const connection_options& options) {
  auto& state = stream->loop().state();
  state.keep(std::make_unique<connection>(std::move(stream), options));
}

// Reading.

/// The one reason for which nothing is read: there is nobody to take it, or the client owes to take
/// what it has asked for. Whatever ends that calls `resume_reading`.
std::size_t connection::read_budget() const noexcept {
  const auto left = [](std::uint64_t most, std::uint64_t taken) {
    return static_cast<std::size_t>(most - std::min(taken, most));
  };
  switch (phase_) {
    case phase::head: return owes_output() || timing_->share.is_used_up() ? 0 : request_portion;
    case phase::processing:
      if (!expects_body()) return 0;
      return body_budget(left(options_.limits.max_request_buffer_size, exchange_->body()->kept()));
    case phase::draining: return body_budget(left(most_drained + 1, timing_->drained));
  }
  return 0;
}

/// Behind the body there may be requests again.
std::size_t connection::body_budget(std::size_t room) const noexcept {
  const auto length = timing_->reader->body_left();
  if (!length) return std::min(room, chunked_portion);
  return static_cast<std::size_t>(std::min<std::uint64_t>(room, *length + request_portion));
}

bool connection::expects_body() const noexcept { return exchange_ && exchange_->is_body_open(); }

std::size_t connection::most_owed() const noexcept {
  return std::max<std::size_t>(
      options_.limits.max_response_buffer_size.value_or(most_owed_by_default), 1);
}

std::size_t connection::on_read(std::span<std::byte> data) {
  std::size_t used = 0;
  while (stream_ && used < data.size() && read_budget() != 0) {
    const auto rest = data.subspan(used);
    const auto count = phase_ == phase::head ? read_head(rest) : read_body(rest);
    if (count == 0) break;
    used += count;
  }
  return used;
}

/// When others have had their turn.
void connection::read_on() {
  if (stream_) stream_->resume_reading();
}

std::size_t connection::read_head(std::span<const std::byte> data) {
  const bool had_begun = timing_->reader->has_begun();
  const auto result = timing_->reader->read_head(data);
  if (!had_begun && timing_->reader->has_begun()) {
    timing_->set(state().deadlines(), options_.limits.request_headers_timeout);
  }
  if (result.state == request_reader::progress::fault) {
    refuse(timing_->reader->fault(), !begins_with(data, "HEAD "));
    return data.size();
  }
  if (result.state == request_reader::progress::head_complete) {
    if (timing_->pace.is_time_to_look(state()) && client_is_slow()) {
      lose_slow_client();
      return data.size();
    }
    start_request();
  }
  return result.used;
}

void connection::start_request() {
  timing_->share.take(state(), async::turn_share::request);
  timing_->clear();
  watch_client();
  phase_ = phase::processing;
  chunked_ = false;
  keep_alive_ = timing_->reader->facts().keep_alive && !state().is_stopping();
  exchange_.emplace(static_cast<carrier&>(*this), timing_->reader->take_head());
  if (peer_ended_) exchange_->on_client_gone();
  exchange_->run();
}

struct connection::body_receiver final : body_sink {
  explicit body_receiver(connection& receiving) noexcept : to(receiving) {}
  void on_body(std::span<const std::byte> data) override { to.on_body(data); }

  connection& to;
};

std::size_t connection::read_body(std::span<const std::byte> data) {
  body_receiver receiver(*this);
  const auto used = timing_->reader->read_body(data, receiver);
  if (!stream_) return data.size();
  if (const auto& fault = timing_->reader->fault()) {
    if (phase_ == phase::draining) {
      close();
    } else {
      exchange_->fail_body({fault.status, http_category()});
    }
    return data.size();
  }
  // The last piece may have ended the request.
  if (!timing_->reader->body_complete()) return used;
  if (phase_ == phase::draining) {
    begin_next_request();
  } else if (expects_body()) {
    exchange_->body()->finish(timing_->reader->take_trailers());
  }
  return used;
}

void connection::on_body(std::span<const std::byte> data) {
  if (phase_ == phase::processing) {
    exchange_->body()->receive(data);
    return;
  }
  timing_->drained += data.size();
  if (stream_ && timing_->drained > most_drained) close();
}

void connection::on_body_taken() {
  if (stream_ && expects_body()) stream_->resume_reading();
}

void connection::on_read_end() {
  peer_ended_ = true;
  keep_alive_ = false;
  if (phase_ != phase::processing) {
    close();
    return;
  }
  exchange_->fail_body(std::make_error_code(std::errc::connection_reset));
  // A client may end its side and still wait for the answer.
  exchange_->on_client_gone();
}

void connection::on_end_arrived(std::error_code error) {
  if (error) {
    lost(error);
    return;
  }
  peer_ended_ = true;
  if (exchange_) exchange_->on_client_gone();
}

void connection::lost(std::error_code error) {
  if (stream_) {
    stream_->abort();
    state().retire(std::move(stream_));
  }
  if (timing_) timing_->clear();
  if (exchange_) exchange_->lost(error);
  release_if_idle();
}

void connection::release_if_idle() {
  if (!stream_ && phase_ != phase::processing) state().drop(*this);
}

// The end of a request.

void connection::on_exchange_done() noexcept {
  if (timing_) {
    end_request();
  } else {
    on_detached();
  }
}

void connection::end_request() {
  const bool unread = expects_body();
  const auto* const body = exchange_->body();
  if ((body && body->has_failed()) || (unread && !can_drain())) keep_alive_ = false;
  phase_ = phase::draining;
  exchange_.reset();
  if (!stream_) {
    release_if_idle();
  } else if (!keep_alive_) {
    close();
  } else if (unread) {
    timing_->drained = 0;
    timing_->set(state().deadlines(), drain_limit);
    stream_->resume_reading();
  } else {
    begin_next_request();
  }
}

bool connection::can_drain() const {
  const auto& body = *exchange_->body();
  const auto length = exchange_->context().request().content_length();
  return !body.awaits_continue() && (!length || *length - body.received() <= most_drained);
}

void connection::begin_next_request() {
  phase_ = phase::head;
  timing_->reader = std::make_unique<request_reader>(options_.limits);
  if (state().is_stopping()) {
    close();
  } else {
    wait_for_request();
  }
}

/// Until the client has taken enough of what it has asked for, nothing more is read.
void connection::wait_for_request() {
  if (owes_output()) {
    timing_->clear();
    await_room();
  } else {
    const auto limit = options_.limits.keep_alive_timeout;
    timing_->idle_rest = std::chrono::milliseconds(0);
    timing_->set(state().deadlines(), limit);
    if (limit > rate_check_interval && watch_client()) {
      timing_->idle_rest = limit - rate_check_interval;
    }
    stream_->resume_reading();
  }
}

void connection::refuse(const request_fault& fault, bool with_content) {
  observe::log(observe::log_level::debug, "Bad request: " + fault.detail);
  auto& head = scratch_head();
  append_status_line(head, fault.status);
  append_field(head, "Date", current_http_date());
  if (options_.add_server_header) append_field(head, "Server", "Saker");
  const auto text =
      http::problem_text({.title = http_category().message(fault.status)}, fault.status);
  append_field(head, "Content-Type", "text/plain; charset=utf-8");
  append_field(head, "Content-Length", std::to_string(text.size()));
  if (fault.status == 405) append_field(head, "Allow", "OPTIONS");
  append_field(head, "Connection", "close");
  head += "\r\n";
  if (with_content) head += text;
  stream_->write(bytes_of(head));
  close();
}

void connection::close() {
  if (timing_) timing_->clear();
  if (stream_) io::close_in_order(std::move(stream_), linger_limit);
  phase_ = phase::head;
  release_if_idle();
}

// Upgrading.

std::unique_ptr<io::byte_stream> connection::release_stream() {
  stoppable::unlink();
  timing_.reset();
  stream_->set_handler(nullptr);
  return std::move(stream_);
}

async::task_listener* connection::on_detached() noexcept {
  exchange_.reset();
  phase_ = phase::head;
  release_if_idle();
  return nullptr;
}

}  // namespace saker::http::v1
