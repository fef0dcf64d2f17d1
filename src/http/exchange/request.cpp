#include <saker/http/exchange/request.hpp>

#include <algorithm>

#include <saker/http/exchange/limits.hpp>
#include <saker/http/message/cookies.hpp>
#include <saker/http/message/error.hpp>
#include <saker/http/message/url.hpp>

#include "http/exchange/body_pipe.hpp"
#include "http/exchange/exchange.hpp"

namespace saker {

using pairs = std::vector<std::pair<std::string, std::string>>;

/// What few requests need.
struct http_request::details {
  std::optional<pairs> query;
  std::optional<pairs> cookies;
  pairs route_values;
  saker::headers trailers;
  // Empty: as the connection has it.
  std::string scheme;
  std::string host;
  std::string remote_endpoint;
};

namespace {

std::optional<std::string_view> first_named(const pairs& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.first == name; });
  if (found == all.end()) return std::nullopt;
  return found->second;
}

}  // namespace

http_request::http_request(http::exchange& exchange) noexcept : exchange_(exchange) {}
http_request::~http_request() = default;

void http_request::assign(http::request_head&& head) {
  const auto part_of = [&](std::string_view view) {
    using part = detail::stored_head::part;
    if (view.empty()) return part();
    return part{static_cast<std::uint32_t>(view.data() - head.fields.storage().data()),
                static_cast<std::uint32_t>(view.size())};
  };
  head_.method = part_of(head.method);
  head_.target = part_of(head.target);
  head_.query = part_of(head.query);
  head_.host = part_of(head.host);
  head_.connect_protocol = part_of(head.connect_protocol);
  head_.fields = std::move(head.fields);
  head_.protocol = head.protocol;
  head_.content_length = head.content_length;
  head_.has_body = head.has_body;
  head_.path = std::move(head.decoded_path);
  head_.base_size = 0;
  details_.reset();
}

http_request::details& http_request::make_details() const {
  if (!details_) details_ = std::make_unique<details>();
  return *details_;
}

std::string_view http_request::scheme() const noexcept {
  return details_ && !details_->scheme.empty() ? details_->scheme : exchange_.scheme();
}

std::string_view http_request::host() const noexcept {
  return details_ && !details_->host.empty() ? details_->host : head_.text(head_.host);
}

std::string http_request::remote_endpoint() const {
  return details_ && !details_->remote_endpoint.empty() ? details_->remote_endpoint
                                                        : exchange_.remote_endpoint();
}

void http_request::set_scheme(std::string scheme) { make_details().scheme = std::move(scheme); }

void http_request::set_host(std::string host) { make_details().host = std::move(host); }

void http_request::set_remote_endpoint(std::string endpoint) {
  make_details().remote_endpoint = std::move(endpoint);
}

void http_request::set_path(std::string_view path) {
  head_.path = std::string(path_base()).append(path);
}

const pairs& http_request::query() const {
  auto& parsed = make_details().query;
  if (!parsed) parsed = parse_query(query_string());
  return *parsed;
}

std::optional<std::string_view> http_request::query(std::string_view name) const {
  return first_named(query(), name);
}

const pairs& http_request::cookies() const {
  auto& parsed = make_details().cookies;
  if (!parsed) {
    parsed.emplace();
    for (const auto& [name, value] : head_.fields) {
      if (!equals_ignoring_case(name, "Cookie")) continue;
      auto more = parse_cookies(value);
      std::move(more.begin(), more.end(), std::back_inserter(*parsed));
    }
  }
  return *parsed;
}

std::optional<std::string_view> http_request::cookie(std::string_view name) const {
  return first_named(cookies(), name);
}

std::string_view http_request::route_value(std::string_view name) const noexcept {
  if (!details_) return {};
  return first_named(details_->route_values, name).value_or(std::string_view());
}

const pairs& http_request::route_values() const noexcept {
  static const pairs none;
  return details_ ? details_->route_values : none;
}

void http_request::set_route_values(pairs values) {
  if (details_ || !values.empty()) make_details().route_values = std::move(values);
}

const headers& http_request::trailers() const noexcept {
  static const saker::headers none;
  return details_ ? details_->trailers : none;
}

void http_request::set_trailers(saker::headers fields) {
  make_details().trailers = std::move(fields);
}

task<std::size_t> http_request::read(std::span<std::byte> buffer) {
  auto* const body = exchange_.body();
  if (!body) co_return 0;
  http::body_pipe::read_operation operation(body->pipe(), buffer);
  co_return co_await operation;
}

task<std::string> http_request::read_all() {
  const auto& most = exchange_.limits().max_request_body_size;
  return read_all(static_cast<std::size_t>(most.value_or(*http_limits().max_request_body_size)));
}

task<std::string> http_request::read_all(std::size_t limit) {
  if (head_.content_length && *head_.content_length > limit) throw http_error(413);
  std::string result;
  auto* const body = exchange_.body();
  if (!body) co_return result;
  std::byte buffer[4096];
  for (;;) {
    http::body_pipe::read_operation operation(body->pipe(), buffer);
    const auto count = co_await operation;
    if (count == 0) co_return result;
    if (result.size() + count > limit) throw http_error(413);
    result.append(reinterpret_cast<const char*>(buffer), count);
  }
}

}  // namespace saker
