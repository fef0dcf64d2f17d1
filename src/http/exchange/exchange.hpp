#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <saker/http/exchange/context.hpp>

#include "async/loop_state.hpp"
#include "async/resumption.hpp"
#include "async/root_task.hpp"
#include "http/exchange/carrier.hpp"
#include "http/exchange/connection_options.hpp"
#include "http/exchange/request_body.hpp"
#include "http/exchange/response_content.hpp"
#include "http/exchange/upgrade.hpp"
#include "http/message/request_head.hpp"

namespace saker::http {

/// One request and its answer, whatever carries them: runs the handler, has the body wanted,
/// received and failed, the answer begun, written and finished, and knows what a failure is
/// answered with. The carrier only frames.
///
/// Owner: its carrier, from the parsed head until `on_exchange_done` or `on_detached`. Thread rule:
/// the connection's loop.
class exchange final : public upgrade_host, private async::task_listener {
 public:
  exchange(carrier& on, request_head&& head);
  ~exchange();
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  carrier& on() noexcept { return carrier_; }
  const carrier& on() const noexcept { return carrier_; }
  http_context& context() noexcept { return context_; }
  const http_context& context() const noexcept { return context_; }
  /// Null: the request has none.
  request_body* body() noexcept { return body_.get(); }
  const request_body* body() const noexcept { return body_.get(); }
  event_loop& loop() const noexcept { return carrier_.loop(); }
  const http_limits& limits() const noexcept { return carrier_.options().limits; }

  // For the carrier.
  bool is_body_open() const noexcept { return body_ && body_->is_open(); }
  void fail_body(std::error_code error) {
    if (body_) body_->fail(error);
  }
  /// Runs the application. The exchange may have gone when it returns.
  void run();
  /// Nothing is sent or received any more. The same.
  void lost(std::error_code error);
  /// The client sends nothing more; whoever watches for it is told. The same.
  void on_client_gone();
  /// The client has all of the answer, while the handler goes on.
  void on_answer_taken() { content_.note_unheard(*this); }
  /// A writer waits for `on_room`.
  bool awaits_room() const noexcept { return content_.has_waiter(); }
  void on_room() { content_.wake(loop().state()); }
  void on_stopping();
  /// Destroys the handler, which may use everything else meanwhile: before the carrier goes.
  void end_handler() noexcept { task_.destroy(); }
  void report_work(async::work_report& to) const;

  // For http_context and its parts.
  std::string_view scheme() const noexcept { return carrier_.security() ? "https" : "http"; }
  std::string remote_endpoint() const;
  std::string local_endpoint() const;
  const std::shared_ptr<const io::channel_security>& security() const noexcept {
    return carrier_.security();
  }
  /// Sends the head if that has not happened, then appends to the content. `last` says that nothing
  /// follows: a response without Content-Length then gets one.
  void write(http_response& response, std::span<const std::byte> data, bool last);
  /// True while more than the allowed bytes wait for the client.
  bool is_congested() const noexcept { return content_.is_congested(*this); }
  /// Who is woken, once, when that has ended or the connection is lost. Null withdraws it.
  void set_room_waiter(async::resumption* waiter) noexcept { content_.set_waiter(*this, waiter); }
  /// Why the connection is lost, if it is.
  const std::error_code& error() const noexcept { return error_; }
  void abort() noexcept;

  /// Whether the request can become a byte stream of another protocol.
  bool is_upgradable() const noexcept { return asks_for_upgrade_; }
  /// Makes it one: HTTP/1.1 answers 101 (RFC 9110, section 7.8), an extended CONNECT the status of
  /// the response, which must be 2xx (RFC 8441, section 5). Throws `std::logic_error` where that is
  /// not possible, http_error 503 above `max_concurrent_upgraded_connections`.
  std::unique_ptr<io::byte_stream> upgrade(http_response& response,
                                           std::shared_ptr<upgraded_protocol> protocol);
  void on_upgraded_lost() noexcept override { context_.signal_aborted(); }

 private:
  friend class response_content;

  void on_task_done(std::exception_ptr exception) noexcept override;

  void detach(task<void> work);
  bool is_extended_connect() const noexcept;
  void check_upgrade(const http_response& response) const;
  void start(http_response& response, std::size_t known_size, bool last);
  void finish();
  void answer(const std::exception_ptr& exception);
  void end_answer(std::exception_ptr exception) noexcept;

  carrier& carrier_;
  http_context context_;
  std::unique_ptr<request_body> body_;
  response_content content_;
  std::shared_ptr<upgraded_protocol> upgraded_;
  async::root_task task_;
  std::error_code error_;
  bool asks_for_upgrade_;
  bool client_gone_ = false;
};

/// Awaits that fewer bytes wait for the client; throws when the connection is lost.
class room_awaiter {
 public:
  explicit room_awaiter(exchange& on) noexcept : exchange_(on) {}
  room_awaiter(const room_awaiter&) = delete;
  room_awaiter& operator=(const room_awaiter&) = delete;
  ~room_awaiter() {
    if (waiting_.is_armed()) exchange_.set_room_waiter(nullptr);
  }

  bool await_ready() const noexcept { return exchange_.error() || !exchange_.is_congested(); }
  void await_suspend(std::coroutine_handle<> caller) noexcept {
    waiting_.arm(caller);
    exchange_.set_room_waiter(&waiting_);
  }
  void await_resume() {
    if (exchange_.error()) throw std::system_error(exchange_.error());
  }

 private:
  exchange& exchange_;
  async::resumption waiting_;
};

}  // namespace saker::http
