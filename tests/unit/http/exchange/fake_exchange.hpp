#pragma once

// An exchange without a connection: tests give it a request and look at the answer.

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <saker/async/event_loop.hpp>
#include <saker/http/exchange/context.hpp>
#include <saker/http/exchange/limits.hpp>
#include <saker/http/message/url.hpp>
#include <saker/http/pipeline/middleware.hpp>

#include "http/exchange/body_pipe.hpp"
#include "http/exchange/exchange.hpp"
#include "io/byte_stream.hpp"

namespace saker::test {

using field_list = std::vector<std::pair<std::string, std::string>>;

class fake_exchange final : public http::exchange, private http::body_pipe::source {
 public:
  fake_exchange(std::string method, std::string target, const field_list& fields = {})
      : method_(std::move(method)), target_(std::move(target)) {
    for (const auto& [name, value] : fields) fields_.add(name, value);
    assign();
  }

  /// "GET / HTTP/1.1\r\nHost: x\r\n\r\nbody"; a lone LF ends a line too.
  explicit fake_exchange(std::string_view text) {
    auto line = take_line(text);
    method_ = line.substr(0, line.find(' '));
    line.remove_prefix(method_.size() + 1);
    target_ = line.substr(0, line.find(' '));
    for (line = take_line(text); !line.empty(); line = take_line(text)) {
      auto colon = line.find(": ");
      fields_.add(line.substr(0, colon), line.substr(colon + 2));
    }
    if (!text.empty()) push_body(text);
    if (!text.empty()) finish_body();
    assign();
  }

  fake_exchange(const fake_exchange&) = delete;
  fake_exchange& operator=(const fake_exchange&) = delete;

  http_context& context() noexcept { return context_; }

  void push_body(std::string_view data) { pipe().push(std::as_bytes(std::span(data))); }
  void finish_body() { pipe().finish(); }

  /// What a protocol room does when the handler has ended.
  void finish() { start(context_.response()); }

  int status() const noexcept { return status_; }
  const headers& answer() const noexcept { return answer_; }
  const std::string& content() const noexcept { return content_; }
  bool started() noexcept { return context_.response().has_started(); }
  /// How often something was written, and the largest piece.
  std::size_t writes() const noexcept { return writes_; }
  std::size_t largest_write() const noexcept { return largest_write_; }

  void set_limits(const http_limits& limits) { limits_ = limits; }
  void fail_connection(std::error_code error) noexcept { error_ = error; }
  bool aborted() const noexcept { return aborted_; }

  event_loop& loop() noexcept override {
    if (!loop_) loop_ = std::make_unique<event_loop>();
    return *loop_;
  }
  const http_limits& limits() const noexcept override { return limits_; }
  std::string_view scheme() const noexcept override { return "http"; }
  std::string remote_endpoint() const override { return "127.0.0.1:50311"; }
  std::string local_endpoint() const override { return "127.0.0.1:5000"; }
  std::shared_ptr<const io::channel_security> security() const noexcept override { return nullptr; }
  http::body_pipe* body() noexcept override { return pipe_ ? &*pipe_ : nullptr; }

  void write(http_response& response, std::span<const std::byte> data, bool) override {
    start(response);
    ++writes_;
    largest_write_ = std::max(largest_write_, data.size());
    content_.append(reinterpret_cast<const char*>(data.data()), data.size());
  }

  bool congested() const noexcept override { return false; }
  void set_drain_waiter(async::resumption*) noexcept override {}
  std::error_code connection_error() const noexcept override { return error_; }
  void abort() noexcept override { aborted_ = true; }
  bool is_upgradable() const noexcept override { return false; }
  std::unique_ptr<io::byte_stream> upgrade(http_response&,
                                           std::shared_ptr<http::upgraded_protocol>) override {
    throw std::logic_error("The fake exchange cannot be upgraded.");
  }
  void on_upgraded_lost() noexcept override {}

 private:
  static std::string_view take_line(std::string_view& text) noexcept {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  http::body_pipe& pipe() {
    if (!pipe_) {
      pipe_.emplace(static_cast<http::body_pipe::source&>(*this), loop().state());
    }
    return *pipe_;
  }

  void assign() {
    host_ = fields_.get("Host");
    http::request_head head;
    auto target = std::string_view(target_);
    auto question = std::min(target.find('?'), target.size());
    auto decoded = decode_path(target.substr(0, question));
    if (!decoded) throw std::invalid_argument("The target has a malformed escape.");
    head.fields = stored_head();
    const auto stored = std::string_view(head.fields.storage());
    target = stored.substr(method_.size(), target_.size());
    head.method = stored.substr(0, method_.size());
    head.target = target;
    head.path = target.substr(0, question);
    head.query = target.substr(std::min(question + 1, target.size()));
    head.protocol = "HTTP/1.1";
    head.host = stored.substr(method_.size() + target_.size(), host_.size());
    head.decoded_path = remove_dot_segments(*decoded);
    head.has_body = pipe_.has_value();
    context_.request().assign(std::move(head));
  }

  /// The head as a protocol room stores it: one text that everything refers to.
  headers stored_head() const {
    std::string storage = method_ + target_ + std::string(host_);
    std::vector<headers::position> positions;
    for (const auto& [name, value] : fields_) {
      const auto at = static_cast<std::uint32_t>(storage.size());
      const auto name_size = static_cast<std::uint32_t>(name.size());
      positions.push_back(
          {at, name_size, at + name_size, static_cast<std::uint32_t>(value.size())});
      storage.append(name).append(value);
    }
    return headers(std::move(storage), std::move(positions));
  }

  void start(http_response& response) {
    if (response.has_started()) return;
    response.mark_started();
    status_ = response.status();
    answer_ = std::as_const(response).headers();
  }

  void on_body_wanted() override {}
  void on_body_taken() override {}

  std::string method_;
  std::string target_;
  std::string host_;
  headers fields_;
  http_limits limits_;
  std::unique_ptr<event_loop> loop_;
  std::optional<http::body_pipe> pipe_;
  std::error_code error_;
  bool aborted_ = false;
  int status_ = 0;
  headers answer_;
  std::string content_;
  std::size_t writes_ = 0;
  std::size_t largest_write_ = 0;
  http_context context_{*this};
};

namespace detail {

struct detached {
  struct promise_type {
    detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

inline detached drive(task<void>& work, bool& done, std::exception_ptr& exception) {
  try {
    co_await work;
  } catch (...) {
    exception = std::current_exception();
  }
  done = true;
}

}  // namespace detail

/// Runs a task that never has to wait, and throws what it throws.
inline void run(task<void> work) {
  bool done = false;
  std::exception_ptr exception;
  detail::drive(work, done, exception);
  if (!done) throw std::logic_error("The task waits for something.");
  if (exception) std::rethrow_exception(exception);
}

/// Runs a pipeline on an exchange, and ends the answer.
inline void serve(const request_delegate& pipeline, fake_exchange& exchange) {
  run(pipeline(exchange.context()));
  exchange.finish();
}

}  // namespace saker::test
