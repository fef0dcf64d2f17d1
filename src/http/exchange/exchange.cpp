#include "http/exchange/exchange.hpp"

#include <stdexcept>
#include <utility>

#include "http/exchange/detached_handler.hpp"
#include "http/exchange/failure.hpp"
#include "http/exchange/work.hpp"
#include "io/byte_stream.hpp"
#include "observe/log.hpp"

namespace saker::http {
namespace {

bool is_success(int status) { return status >= 200 && status < 300; }

}  // namespace

exchange::exchange(carrier& on, request_head&& head)
    : carrier_(on), context_(*this), asks_for_upgrade_(head.asks_for_upgrade && !head.has_body) {
  if (head.has_body) body_ = std::make_unique<request_body>(*this, head.expects_continue);
  context_.request().assign(std::move(head));
  if (context_.request().method() == "HEAD") content_.answer_head();
}

exchange::~exchange() { end_handler(); }

std::string exchange::remote_endpoint() const {
  auto endpoint = carrier_.remote_endpoint();
  return endpoint.empty() && upgraded_ ? upgraded_->remote_endpoint() : endpoint;
}

std::string exchange::local_endpoint() const {
  auto endpoint = carrier_.local_endpoint();
  return endpoint.empty() && upgraded_ ? upgraded_->local_endpoint() : endpoint;
}

void exchange::report_work(async::work_report& to) const {
  report_request(context_, upgraded_.get(), to);
}

// The handler.

void exchange::run() {
  try {
    auto work = carrier_.options().application(context_);
    if (upgraded_ && context_.is_detachable(work)) {
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
void exchange::detach(task<void> work) {
  auto& handler = detached_handler::make(context_, loop(), std::move(work), std::move(upgraded_));
  handler.start(carrier_.on_detached());
}

void exchange::on_task_done(std::exception_ptr exception) noexcept {
  task_.destroy();
  if (upgraded_) {
    if (exception) {
      log_failure(context_, exception, error_ || client_gone_, upgraded_.get());
    }
    std::exchange(upgraded_, nullptr)->on_handler_done(exception != nullptr);
  } else {
    end_answer(std::move(exception));
  }
  carrier_.on_exchange_done();
}

void exchange::lost(std::error_code error) {
  if (!error_) error_ = error;
  fail_body(error);
  on_room();
  context_.signal_aborted();
}

void exchange::on_client_gone() {
  client_gone_ = true;
  content_.note_unheard(*this);
  context_.signal_aborted();
}

void exchange::on_stopping() {
  if (body_) body_->on_stopping();
  content_.on_stopping(*this);
}

void exchange::abort() noexcept { carrier_.abort(std::errc::connection_aborted); }

// The answer.

void exchange::write(http_response& response, std::span<const std::byte> data, bool last) {
  if (upgraded_) {
    throw std::logic_error("Cannot write to response body after connection has been upgraded.");
  }
  if (!data.empty() && is_extended_connect() && is_success(response.status())) {
    throw std::logic_error("A response to CONNECT with the status " +
                           std::to_string(response.status()) +
                           " has no body: accept the WebSocket instead.");
  }
  if (!response.has_started()) start(response, data.size(), last);
  if (error_) throw std::system_error(error_);
  if (!data.empty() && content_.take(*this, data.size())) carrier_.send_content(data);
}

void exchange::start(http_response& response, std::size_t known_size, bool last) {
  response.mark_started();
  const auto content = content_.begin(response, known_size, last);
  if (!error_) carrier_.send_head(response, content);
}

void exchange::end_answer(std::exception_ptr exception) noexcept {
  try {
    if (!exception) finish();
  } catch (...) {
    exception = std::current_exception();
  }
  try {
    if (exception) answer(exception);
  } catch (...) {
    observe::log(observe::log_level::error,
                 "A response failed: " + observe::describe(std::current_exception()));
    abort();
  }
}

void exchange::finish() {
  if (error_) return;
  auto& response = context_.response();
  if (!response.has_started()) {
    const auto text = error_content(context_, carrier_.options());
    write(response, std::as_bytes(std::span(text)), true);
  }
  if (content_.is_short()) {
    observe::log(observe::log_level::error,
                 "The handler of " + std::string(context_.request().path()) +
                     " wrote fewer bytes than Content-Length says; the response is cut off.");
    abort();
    return;
  }
  carrier_.send_end(response.trailers());
}

void exchange::answer(const std::exception_ptr& exception) {
  log_failure(context_, exception, error_ || client_gone_);
  if (error_) return;
  if (context_.response().has_started()) {
    // Half an answer cannot be taken back: the client must see that it is broken.
    abort();
    return;
  }
  answer_failure(context_, exception);
  finish();
}

// Upgrading.

bool exchange::is_extended_connect() const noexcept {
  return !context_.request().connect_protocol().empty();
}

void exchange::check_upgrade(const http_response& response) const {
  if (upgraded_) throw std::logic_error("The request has been accepted already.");
  if (!is_upgradable()) {
    throw std::logic_error("The request asks neither for an upgrade nor for an extended CONNECT.");
  }
  if (is_extended_connect() && !is_success(response.status())) {
    throw std::logic_error("The status that accepts an extended CONNECT must be 2xx.");
  }
}

std::unique_ptr<io::byte_stream> exchange::upgrade(http_response& response,
                                                   std::shared_ptr<upgraded_protocol> protocol) {
  check_upgrade(response);
  if (error_) throw std::system_error(error_);
  auto slot = take_upgraded_slot(carrier_.options());
  if (!is_extended_connect()) response.switch_protocols();
  start(response, 0, false);
  if (error_) throw std::system_error(error_);
  response.release_headers();
  upgraded_ = std::move(protocol);
  auto stream = carrier_.release_stream();
  stream->hold(std::move(slot));  // Instead of that of a connection.
  return stream;
}

}  // namespace saker::http
