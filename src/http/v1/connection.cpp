#include "http/v1/connection.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <saker/http/message/error.hpp>

#include "http/exchange/detached_handler.hpp"
#include "http/exchange/failure.hpp"
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

connection::connection(std::unique_ptr<io::byte_stream> stream,
                       const http::connection_options& options)
    : loop_(stream->loop()),
      stream_(std::move(stream)),
      options_(options),
      security_(stream_->security()),
      reader_(std::make_unique<request_reader>(options.limits)),
      timing_(std::make_unique<timing>(*this)) {
  stream_->set_handler(this);
  loop_.state().stoppables().push_back(*this);
  timing_->set(loop_.state().deadlines(), options_.limits.keep_alive_timeout);
}

connection::~connection() {
  // The handler may use everything else while its frame goes.
  task_.destroy();
}

void connection::start(std::unique_ptr<io::byte_stream> stream,
                       const http::connection_options& options) {
  auto& state = stream->loop().state();
  state.keep(std::make_unique<connection>(std::move(stream), options));
}

std::string connection::remote_endpoint() const {
  if (upgraded_) return upgraded_->remote_endpoint();
  return stream_ ? stream_->remote_endpoint() : std::string();
}

std::string connection::local_endpoint() const {
  if (upgraded_) return upgraded_->local_endpoint();
  return stream_ ? stream_->local_endpoint() : std::string();
}

// Reading.

/// The one reason for which nothing is read: there is nobody to take it, or the client owes to take
/// what it has asked for. Whatever ends that calls `resume_reading`.
std::size_t connection::read_budget() const noexcept {
  const auto left = [](std::uint64_t most, std::uint64_t taken) {
    return static_cast<std::size_t>(most - std::min(taken, most));
  };
  switch (phase_) {
    case phase::head:
      return owes_output() || timing_->share.is_used_up() ? 0 : http::request_portion;
    case phase::processing:
      if (!expects_body()) return 0;
      return body_budget(left(options_.limits.max_request_buffer_size, body_->kept()));
    case phase::draining:
      return body_budget(left(most_drained + 1, timing_->body_bytes - timing_->unread_from));
  }
  return 0;
}

/// Behind the body there may be requests again.
std::size_t connection::body_budget(std::size_t room) const noexcept {
  const auto length = reader_->body_left();
  if (!length) return std::min(room, chunked_portion);
  return static_cast<std::size_t>(std::min<std::uint64_t>(room, *length + http::request_portion));
}

bool connection::expects_body() const noexcept {
  return body_ && !body_->is_complete() && !reader_->fault();
}

std::size_t connection::most_owed() const noexcept {
  return std::max<std::size_t>(
      options_.limits.max_response_buffer_size.value_or(most_owed_by_default), 1);
}

bool connection::owes_output() const noexcept { return stream_ && noted_queued() >= most_owed(); }

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
  const bool had_begun = reader_->has_begun();
  const auto result = reader_->read_head(data);
  if (!had_begun && reader_->has_begun()) {
    timing_->set(loop_.state().deadlines(), options_.limits.request_headers_timeout);
  }
  if (result.state == request_reader::progress::fault) {
    refuse(reader_->fault(), !begins_with(data, "HEAD "));
    return data.size();
  }
  if (result.state == request_reader::progress::head_complete) {
    if (is_time_to_look() && response_is_slow()) {
      lost_to_slowness();
      return data.size();
    }
    start_request();
  }
  return result.used;
}

void connection::start_request() {
  timing_->share.take(loop_.state(), async::turn_share::request);
  timing_->clear();
  timing_->unsent = timing_->head_waits = 0;
  watch_client();
  phase_ = phase::processing;
  framing_ = framing::none;
  timing_->body_bytes = 0;
  const auto& facts = reader_->facts();
  keep_alive_ = facts.keep_alive && !stopping_;
  continue_due_ = facts.expects_continue;
  context_.emplace(static_cast<http::exchange&>(*this));
  context_->request().assign(reader_->take_head());
  head_request_ = context_->request().method() == "HEAD";
  if (context_->request().has_body())
    body_ = std::make_unique<http::body_pipe>(static_cast<http::body_pipe::source&>(*this),
                                              loop_.state());
  if (peer_ended_) note_peer_end();
  try {
    auto work = options_.application(*context_);
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

/// The socket is all that the handler wants.
void connection::detach(task<void> work) {
  http::detached_handler::run(*context_, loop_, std::move(work), upgraded_, nullptr);
  upgraded_.reset();
  context_.reset();
  phase_ = phase::head;
  release_if_idle();
}

std::size_t connection::read_body(std::span<const std::byte> data) {
  const auto used = reader_->read_body(data, *this);
  if (!stream_) return data.size();
  if (reader_->fault()) {
    body_failed();
    return data.size();
  }
  // The last piece may have ended the request.
  if (body_ && reader_ && reader_->body_complete() && !body_->is_complete()) {
    if (auto trailers = reader_->take_trailers(); context_ && !trailers.empty()) {
      context_->request().set_trailers(std::move(trailers));
    }
    body_->finish();
    if (phase_ == phase::draining) begin_next_request();
  }
  return used;
}

void connection::on_body(std::span<const std::byte> data) {
  continue_due_ = false;
  timing_->body_bytes += data.size();
  if (phase_ == phase::processing && body_) {
    body_->push(data);
  } else if (timing_->body_bytes - timing_->unread_from > most_drained) {
    close();
  }
}

void connection::body_failed() {
  const auto fault = reader_->fault();
  keep_alive_ = false;
  if (phase_ == phase::draining) {
    close();
  } else {
    body_->fail({fault.status, http_category()});
  }
}

void connection::on_body_wanted() {
  timing_->body.begin(0);
  const auto& request = context_->request();
  const auto limit = options_.limits.max_request_body_size;
  if (limit && request.content_length() && *request.content_length() > *limit) {
    keep_alive_ = false;
    throw http_error(413, "Request body too large.");
  }
  if (std::exchange(continue_due_, false) && !context_->response().has_started() && stream_) {
    stream_->write(bytes_of("HTTP/1.1 100 Continue\r\n\r\n"));
  }
  if (options_.limits.min_request_body_data_rate > 0) {
    timing_->set(loop_.state().deadlines(), http::rate_check_interval);
  }
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
  if (expects_body()) body_->fail(std::make_error_code(std::errc::connection_reset));
  // A client may end its side and still wait for the answer; whoever watches for it is told.
  if (context_) context_->signal_aborted();
}

void connection::on_end_arrived(std::error_code error) {
  if (error) {
    lost(error);
    return;
  }
  peer_ended_ = true;
  note_peer_end();
}

/// Also to a request that is read later.
void connection::note_peer_end() {
  if (!context_) return;
  // Nothing that is written will show that the client has gone: the answer to HEAD has no body.
  if (head_request_) timing_->set(loop_.state().deadlines(), linger_limit);
  context_->signal_aborted();
}

void connection::on_error(std::error_code error) { lost(error); }

void connection::lost(std::error_code error) {
  if (stream_) {
    stream_->abort();
    loop_.state().retire(std::move(stream_));
  }
  if (timing_) timing_->clear();
  if (!error_) error_ = error;
  if (phase_ == phase::processing && context_) {
    if (body_) body_->fail(error);
    wake_writer();
    context_->signal_aborted();
  }
  release_if_idle();
}

void connection::release_if_idle() {
  if (!stream_ && phase_ != phase::processing) loop_.state().drop(*this);
}

// The end of a request.

void connection::on_task_done(std::exception_ptr exception) noexcept {
  task_.destroy();
  if (upgraded_) {
    if (exception) {
      http::log_failure(*context_, exception, error_ || peer_ended_, upgraded_.get());
    }
    std::exchange(upgraded_, nullptr)->on_handler_done(exception != nullptr);
    phase_ = phase::head;
    release_if_idle();
    return;
  }
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
    keep_alive_ = false;
  }
  end_request();
}

void connection::finish_response(http_response& response) {
  if (!stream_) return;
  if (!response.has_started()) {
    // After a fault in the body nothing on the connection can be trusted.
    const auto status = response.status();
    if (reader_->fault() || status == 408 || status == 413) keep_alive_ = false;
    const auto text = http::error_content(*context_, options_);
    write(response, bytes_of(text), true);
  }
  if (framing_ == framing::length && length_left_ > 0 && !head_request_) {
    observe::log(observe::log_level::error,
                 "The handler of " + std::string(context_->request().path()) +
                     " wrote fewer bytes than Content-Length says; the connection is closed.");
    abort();
    return;
  }
  if (framing_ == framing::chunked && !head_request_) write_last_chunk(response);
}

void connection::answer_failure(const std::exception_ptr& exception) {
  auto& response = context_->response();
  http::log_failure(*context_, exception, error_ || peer_ended_);
  if (!stream_) return;
  if (response.has_started()) {
    // Half an answer cannot be taken back: the client must see that it is broken.
    abort();
    return;
  }
  http::answer_failure(*context_, exception);
  finish_response(response);
}

void connection::end_request() {
  drain_waiter_ = nullptr;
  phase_ = phase::draining;
  if (expects_body() && !can_drain()) keep_alive_ = false;
  context_.reset();
  if (!stream_) {
    release_if_idle();
    return;
  }
  timing_->unread_from = timing_->body_bytes;
  if (!keep_alive_) {
    close();
  } else if (body_ && !body_->is_complete()) {
    timing_->set(loop_.state().deadlines(), drain_limit);
    stream_->resume_reading();
  } else {
    begin_next_request();
  }
}

bool connection::can_drain() const {
  const auto length = context_->request().content_length();
  return !continue_due_ && (!length || *length - timing_->body_bytes <= most_drained);
}

void connection::begin_next_request() {
  body_.reset();
  phase_ = phase::head;
  reader_ = std::make_unique<request_reader>(options_.limits);
  if (stopping_) {
    close();
  } else {
    wait_for_request();
  }
}

/// Until the client has taken enough of what it has asked for, nothing more is read.
void connection::wait_for_request() {
  if (owes_output()) {
    timing_->clear();
    wait_for_client();
  } else {
    const auto limit = options_.limits.keep_alive_timeout;
    timing_->idle_rest = std::chrono::milliseconds(0);
    timing_->set(loop_.state().deadlines(), limit);
    if (limit > http::rate_check_interval && watch_client()) {
      timing_->idle_rest = limit - http::rate_check_interval;
    }
    stream_->resume_reading();
  }
}

void connection::refuse(const request_fault& fault, bool with_content) {
  observe::log(observe::log_level::debug, "Bad request: " + fault.detail);
  auto& head = scratch_head();
  append_status_line(head, fault.status);
  append_field(head, "Date", http::current_http_date());
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
  body_.reset();
  if (stream_) io::close_in_order(std::move(stream_), linger_limit);
  phase_ = phase::head;
  release_if_idle();
}

void connection::abort() noexcept { lost(std::make_error_code(std::errc::connection_aborted)); }

// Upgrading.

void connection::on_upgraded_lost() noexcept {
  if (context_) context_->signal_aborted();
}

bool connection::is_upgradable() const noexcept {
  return reader_ && reader_->facts().upgrade && context_ && !context_->request().has_body();
}

std::unique_ptr<io::byte_stream> connection::upgrade(
    http_response& response, std::shared_ptr<http::upgraded_protocol> protocol) {
  if (upgraded_) {
    throw std::logic_error(
        "IHttpUpgradeFeature.UpgradeAsync was already called and can only be called once per "
        "connection.");
  }
  if (!is_upgradable()) {
    throw std::logic_error("Cannot upgrade a non-upgradable request.");
  }
  if (!stream_) throw std::system_error(error_);
  auto slot = http::take_upgraded_slot(options_);
  response.switch_protocols();
  const bool kept_alive = std::exchange(keep_alive_, true);
  try {
    start_response(response, 0, false);
  } catch (...) {
    keep_alive_ = kept_alive;
    throw;
  }
  stream_->hold(std::move(slot));  // Instead of that of a connection.
  response.release_headers();
  upgraded_ = std::move(protocol);
  stoppable::unlink();
  reader_.reset();
  timing_.reset();
  stream_->set_handler(nullptr);
  return std::move(stream_);
}

}  // namespace saker::http::v1
