#include <saker/http/exchange/response.hpp>

#include <stdexcept>
#include <string>
#include <utility>

#include "http/exchange/exchange.hpp"

namespace saker {

/// What few responses need.
struct http_response::details {
  std::vector<std::function<void(http_response&)>> starting;
  saker::headers trailers;
};

namespace {

/// What describes content, how long it is good for, where it is, or a protocol to follow.
constexpr std::string_view content_fields[] = {"Accept-Ranges",
                                               "Age",
                                               "Cache-Control",
                                               "Content-Digest",
                                               "Content-Disposition",
                                               "Content-Encoding",
                                               "Content-Language",
                                               "Content-Length",
                                               "Content-Location",
                                               "Content-Range",
                                               "Content-Type",
                                               "ETag",
                                               "Expires",
                                               "Last-Modified",
                                               "Location",
                                               "Pragma",
                                               "Repr-Digest",
                                               "Sec-WebSocket-Accept",
                                               "Sec-WebSocket-Extensions",
                                               "Sec-WebSocket-Protocol",
                                               "Trailer",
                                               "Transfer-Encoding",
                                               "Upgrade"};

void require_not_started(bool started) {
  if (started) throw std::logic_error("The response has already started.");
}

task<void> wait_for_client(http::exchange& exchange) {
  http::room_awaiter wait(exchange);
  co_await wait;
}

/// Mostly there is nothing to wait for, and then no coroutine is needed.
task<void> wait_for_room(http::exchange& exchange) {
  const bool ready = !exchange.is_congested() && !exchange.error();
  return ready ? task<void>() : wait_for_client(exchange);
}

}  // namespace

http_response::http_response(http::exchange& exchange) noexcept : exchange_(exchange) {}
http_response::~http_response() = default;

void http_response::set_status(int status) {
  require_not_started(started_);
  if (status < 200 || status > 599) {
    throw std::invalid_argument(
        "The status code " + std::to_string(status) + " of a response must be from 200 to 599." +
        (status == 101 ? " Only an upgrade sends 101: accept the WebSocket." : ""));
  }
  status_ = status;
}

void http_response::switch_protocols() {
  headers().set("Connection", "Upgrade");
  status_ = 101;
}

headers& http_response::headers() {
  require_not_started(started_);
  return headers_;
}

void http_response::set_content_length(std::uint64_t bytes) {
  headers().set("Content-Length", std::to_string(bytes));
}

void http_response::append_cookie(std::string_view name, std::string_view value,
                                  const cookie_options& options) {
  headers().add("Set-Cookie", format_set_cookie(name, value, options));
}

void http_response::delete_cookie(std::string_view name, cookie_options options) {
  options.expires = std::chrono::system_clock::time_point();
  options.max_age.reset();
  append_cookie(name, {}, options);
}

void http_response::append_trailer(std::string_view name, std::string_view value) {
  if (!details_) details_ = std::make_unique<details>();
  details_->trailers.add(name, value);
}

const headers* http_response::trailers() const noexcept {
  return details_ && !details_->trailers.empty() ? &details_->trailers : nullptr;
}

void http_response::on_starting(std::function<void(http_response&)> callback) {
  require_not_started(started_);
  if (!details_) details_ = std::make_unique<details>();
  details_->starting.push_back(std::move(callback));
}

void http_response::mark_started() {
  if (started_) return;
  // The last one that was registered is the innermost and comes first, as in ASP.NET Core.
  while (details_ && !details_->starting.empty()) {
    const auto callback = std::move(details_->starting.back());
    details_->starting.pop_back();
    callback(*this);
  }
  started_ = true;
}

void http_response::release_headers() noexcept {
  // An assignment would keep the memory.
  saker::headers none;
  std::swap(headers_, none);
  details_.reset();
}

void http_response::discard_content() {
  require_not_started(started_);
  status_ = 200;
  for (const auto name : content_fields) headers_.remove(name);
  if (headers_.list_contains("Connection", "Upgrade")) headers_.remove("Connection");
  if (details_) details_->trailers.clear();
}

task<void> http_response::send(std::string_view body, std::string_view content_type) {
  if (!content_type.empty()) set_content_type(content_type);
  exchange_.write(*this, std::as_bytes(std::span(body)), true);
  return wait_for_room(exchange_);
}

task<void> http_response::write(std::span<const std::byte> data) {
  exchange_.write(*this, data, false);
  return wait_for_room(exchange_);
}

task<void> http_response::write(std::string_view text) {
  return write(std::as_bytes(std::span(text)));
}

task<void> http_response::start() { return write(std::span<const std::byte>()); }

}  // namespace saker
