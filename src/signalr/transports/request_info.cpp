#include <saker/signalr/transports/request_info.hpp>

#include <saker/http/exchange/context.hpp>
#include <saker/http/message/cookies.hpp>

#include "signalr/transports/query.hpp"

namespace saker::signalr {

request_info::request_info(http_context& context)
    : method_(context.request().method()),
      protocol_(context.request().protocol() == "HTTP/2" ? "HTTP/2" : "HTTP/1.1"),
      scheme_(context.request().scheme() == "https" ? "https" : "http"),
      host_(context.request().host()),
      path_(std::string(context.request().path_base()).append(context.request().path())),
      query_(context.request().query_string()),
      headers_(context.request().headers()),
      remote_endpoint_(context.request().remote_endpoint()),
      local_address_(context.connection().local_address()),
      route_values_(context.request().route_values()) {}

std::optional<std::string> request_info::query(std::string_view name) const {
  return find_query_value(query_, name);
}

std::optional<std::string> request_info::cookie(std::string_view name) const {
  for (const auto& field : headers_) {
    if (!equals_ignoring_case(field.name, "Cookie")) continue;
    for (auto& [cookie_name, value] : parse_cookies(field.value)) {
      if (cookie_name == name) return std::move(value);
    }
  }
  return std::nullopt;
}

std::string_view request_info::route_value(std::string_view name) const noexcept {
  for (const auto& [key, value] : route_values_) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace saker::signalr
