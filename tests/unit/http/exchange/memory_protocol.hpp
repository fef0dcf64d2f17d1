#pragma once

// A protocol without a network: tests give it a request as text, drive the exchange, and look at
// what it is told to send. It knows nothing but http::exchange and http::carrier.

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
#include <saker/http/message/url.hpp>
#include <saker/http/pipeline/middleware.hpp>

#include "http/exchange/exchange.hpp"
#include "io/byte_stream.hpp"

namespace saker::test {

using field_list = std::vector<std::pair<std::string, std::string>>;

class memory_protocol final : private http::carrier, private async::task_listener {
 public:
  memory_protocol(std::string method, std::string target, const field_list& fields = {})
      : memory_protocol(std::move(method), std::move(target), fields, std::string_view()) {}

  /// "GET / HTTP/1.1\r\nHost: x\r\n\r\nbody"; a lone LF ends a line too.
  explicit memory_protocol(std::string_view text) : memory_protocol(parse(text)) {}
  memory_protocol(const memory_protocol&) = delete;
  memory_protocol& operator=(const memory_protocol&) = delete;
  ~memory_protocol() { exchange_.reset(); }

  /// Another request, of which more may come.
  void begin(std::string method, std::string target, const field_list& fields, bool has_body) {
    exchange_.reset();
    exchange_.emplace(static_cast<http::carrier&>(*this), head(method, target, fields, has_body));
  }

  http::exchange& exchange() noexcept { return *exchange_; }
  http_context& context() noexcept { return exchange_->context(); }
  http::connection_options& settings() noexcept { return options_; }
  void set_limits(const http_limits& limits) { options_.limits = limits; }

  /// Runs the application, as a protocol does.
  void serve(request_delegate application) {
    options_.application = std::move(application);
    exchange_->run();
  }
  /// Ends the answer of a pipeline that a test has run itself.
  void finish() {
    if (started()) return;
    exchange_->write(context().response(), {}, false);
  }
  /// Does it on the loop, and what is due then.
  template <class Action>
  void turn(Action action) {
    loop_.post([this, &action] {
      action();
      loop_.post([this] { loop_.post([this] { loop_.stop(); }); });
    });
    loop_.run();
  }

  // What it was told to send.
  int status() const noexcept { return status_; }
  const headers& answer() const noexcept { return answer_; }
  const std::string& content() const noexcept { return content_; }
  const http::content_size& size() const noexcept { return size_; }
  const headers& trailers() const noexcept { return trailers_; }
  /// How often content was sent, and the largest piece.
  std::size_t writes() const noexcept { return writes_; }
  std::size_t largest_write() const noexcept { return largest_write_; }
  bool started() noexcept { return exchange_ && context().response().has_started(); }
  /// "continue", "end", "abort", "done", "detached", "handler done", in their order.
  const std::vector<std::string>& events() const noexcept { return events_; }
  bool has(std::string_view event) const {
    return std::find(events_.begin(), events_.end(), event) != events_.end();
  }

  // What the client does.
  void receive(std::string_view data) {
    exchange_->body()->receive(std::as_bytes(std::span(data)));
  }
  void fail_connection(std::error_code error) { exchange_->lost(error); }
  /// So many bytes wait for the client.
  void set_queued(std::size_t bytes) {
    queued_ = bytes;
    if (exchange_ && exchange_->awaits_room() && !exchange_->is_congested()) exchange_->on_room();
  }
  /// What an upgrade gets.
  void set_stream(std::unique_ptr<io::byte_stream> stream) { stream_ = std::move(stream); }

  event_loop& loop() noexcept override { return loop_; }

 private:
  struct parsed {
    std::string method;
    std::string target;
    field_list fields;
    std::string_view body;
  };

  memory_protocol(std::string method, std::string target, const field_list& fields,
                  std::string_view body) {
    begin(std::move(method), std::move(target), fields, !body.empty());
    if (body.empty()) return;
    receive(body);
    exchange_->body()->finish();
  }
  explicit memory_protocol(parsed from)
      : memory_protocol(std::move(from.method), std::move(from.target), from.fields, from.body) {}

  static std::string_view take_line(std::string_view& text) noexcept {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  static parsed parse(std::string_view text) {
    parsed result;
    auto line = take_line(text);
    result.method = line.substr(0, line.find(' '));
    line.remove_prefix(result.method.size() + 1);
    result.target = line.substr(0, line.find(' '));
    for (line = take_line(text); !line.empty(); line = take_line(text)) {
      auto colon = line.find(": ");
      result.fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    result.body = text;
    return result;
  }

  /// As a protocol stores it: one text that everything refers to.
  static http::request_head head(const std::string& method, const std::string& requested,
                                 const field_list& fields, bool has_body) {
    std::string storage = method + requested;
    storage.reserve(storage.size() + 256);
    std::vector<headers::position> positions;
    for (const auto& [name, value] : fields) {
      const auto at = static_cast<std::uint32_t>(storage.size());
      const auto name_size = static_cast<std::uint32_t>(name.size());
      positions.push_back(
          {at, name_size, at + name_size, static_cast<std::uint32_t>(value.size())});
      storage.append(name).append(value);
    }
    http::request_head made;
    made.fields = headers(std::move(storage), std::move(positions));
    const auto stored = std::string_view(made.fields.storage());
    const auto target = stored.substr(method.size(), requested.size());
    const auto question = std::min(target.find('?'), target.size());
    const auto decoded = decode_path(target.substr(0, question));
    if (!decoded) throw std::invalid_argument("The target has a malformed escape.");
    made.method = stored.substr(0, method.size());
    made.target = target;
    made.path = target.substr(0, question);
    made.query = target.substr(std::min(question + 1, target.size()));
    made.protocol = "MEMORY";
    made.host = made.fields.get("Host");
    made.decoded_path = remove_dot_segments(*decoded);
    if (const auto length = made.fields.find("Content-Length")) {
      made.content_length = std::stoull(std::string(*length));
    }
    made.has_body = has_body;
    made.expects_continue = has_body && made.fields.contains("Expect");
    made.asks_for_upgrade = made.fields.contains("Upgrade");
    return made;
  }

  // http::carrier
  const http::connection_options& options() const noexcept override { return options_; }
  const std::shared_ptr<const io::channel_security>& security() const noexcept override {
    return security_;
  }
  std::string remote_endpoint() const override { return "127.0.0.1:50311"; }
  std::string local_endpoint() const override { return "127.0.0.1:5000"; }
  void send_head(const http_response& response, const http::content_size& content) override {
    status_ = response.status();
    answer_ = response.headers();
    size_ = content;
  }
  void send_content(std::span<const std::byte> data) override {
    ++writes_;
    largest_write_ = std::max(largest_write_, data.size());
    content_.append(reinterpret_cast<const char*>(data.data()), data.size());
  }
  void send_end(const headers* trailers) override {
    if (trailers) trailers_ = *trailers;
    events_.emplace_back("end");
  }
  void send_continue() override { events_.emplace_back("continue"); }
  std::size_t queued() const noexcept override { return queued_; }
  void await_room() override {}
  void on_body_taken() override {}
  void abort(std::errc error) noexcept override {
    events_.emplace_back("abort");
    exchange_->lost(std::make_error_code(error));
  }
  std::unique_ptr<io::byte_stream> release_stream() override { return std::move(stream_); }
  async::task_listener* on_detached() noexcept override {
    events_.emplace_back("detached");
    exchange_.reset();
    return this;
  }
  void on_exchange_done() noexcept override {
    events_.emplace_back("done");
    exchange_.reset();
  }
  // async::task_listener: of a detached handler.
  void on_task_done(std::exception_ptr) noexcept override { events_.emplace_back("handler done"); }

  event_loop loop_;
  http::connection_options options_;
  std::shared_ptr<const io::channel_security> security_;
  std::unique_ptr<io::byte_stream> stream_;
  std::size_t queued_ = 0;
  int status_ = 0;
  headers answer_;
  http::content_size size_;
  headers trailers_;
  std::string content_;
  std::size_t writes_ = 0;
  std::size_t largest_write_ = 0;
  std::vector<std::string> events_;
  std::optional<http::exchange> exchange_;
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

/// Runs a pipeline on a request, and ends the answer; throws what it throws.
inline void serve(const request_delegate& pipeline, memory_protocol& protocol) {
  run(pipeline(protocol.context()));
  protocol.finish();
}

}  // namespace saker::test
