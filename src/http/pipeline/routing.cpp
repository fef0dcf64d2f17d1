#include <saker/http/pipeline/routing.hpp>

#include <stdexcept>
#include <utility>

#include "http/pipeline/route_tree.hpp"

namespace saker {

struct route_table::implementation {
  http::route_node root;
  http::route_node fallbacks;
  bool empty = true;
};

namespace {

void require_methods(const std::vector<std::string>& methods) {
  for (const auto& method : methods) {
    if (!http::is_token(method)) {
      throw std::invalid_argument("The method of a route must be a token.");
    }
  }
}

bool overlap(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  if (left.empty() || right.empty()) return left.empty() && right.empty();
  return std::find_first_of(left.begin(), left.end(), right.begin(), right.end()) != left.end();
}

std::vector<std::string> parameter_names(const std::vector<http::route_segment>& segments) {
  std::vector<std::string> names;
  for (const auto& segment : segments) {
    if (segment.kind != http::route_segment::type::literal) names.push_back(segment.text);
  }
  return names;
}

std::string joined(const std::vector<std::string_view>& methods) {
  std::string text;
  for (auto method : methods) text.append(text.empty() ? "" : ", ").append(method);
  return text;
}

void add_to(http::route_node& root, std::string_view pattern, std::vector<std::string> methods,
            request_delegate handler) {
  if (!handler) throw std::invalid_argument("The handler of a route must not be empty.");
  require_methods(methods);
  auto segments = http::parse_route_pattern(pattern);
  auto& node = http::make_route_node(root, segments);
  for (const auto& other : node.routes) {
    if (overlap(methods, other.methods)) {
      throw std::invalid_argument("The route '" + std::string(pattern) +
                                  "' was added before with the same method.");
    }
  }
  node.routes.push_back({std::move(methods), parameter_names(segments), std::move(handler)});
}

route_table::match find_in(const http::route_node& root, std::string_view method,
                           std::string_view path) {
  // An empty path is what a branch sees that was asked for by its very prefix.
  if (!path.empty() && !path.starts_with('/')) return {};
  http::route_search search{method, nullptr, {}, {}};
  route_table::match result;
  if (!http::search_route(root, http::path_segments(path), search)) {
    result.allow = joined(search.allowed);
    return result;
  }
  result.handler = &search.found->handler;
  result.values.reserve(search.values.size());
  for (std::size_t i = 0; i < search.values.size(); ++i) {
    result.values.emplace_back(search.found->parameters[i], search.values[i]);
  }
  return result;
}

/// ASP.NET Core's constraint `nonfile`; and whoever wants a WebSocket has no use for a page.
bool may_fall_back(const http_request& request) {
  const auto path = request.path();
  const auto name = path.substr(path.rfind('/') + 1);
  const bool is_file = name.find_first_not_of('.', name.find('.')) != std::string_view::npos;
  return !is_file && !request.headers().list_contains("Upgrade", "websocket");
}

task<void> answer_unmatched(http_context& context, std::string allow) {
  auto& response = context.response();
  if (response.has_started()) co_return;
  response.set_status(allow.empty() ? 404 : 405);
  if (!allow.empty()) response.headers().set("Allow", allow);
}

}  // namespace

route_table::route_table() : implementation_(std::make_unique<implementation>()) {}
route_table::~route_table() = default;
route_table::route_table(route_table&&) noexcept = default;
route_table& route_table::operator=(route_table&&) noexcept = default;

void route_table::add(std::string_view pattern, std::vector<std::string> methods,
                      request_delegate handler) {
  add_to(implementation_->root, pattern, std::move(methods), std::move(handler));
  implementation_->empty = false;
}

void route_table::add_fallback(std::string_view pattern, request_delegate handler) {
  add_to(implementation_->fallbacks, pattern, {"GET"}, std::move(handler));
  implementation_->empty = false;
}

bool route_table::empty() const noexcept { return implementation_->empty; }

route_table::match route_table::find(std::string_view method, std::string_view path) const {
  return find_in(implementation_->root, method, path);
}

task<void> route_table::dispatch(http_context& context) const {
  auto& request = context.request();
  auto found = find(request.method(), request.path());
  if (!found.handler && may_fall_back(request)) {
    auto fallback = find_in(implementation_->fallbacks, request.method(), request.path());
    if (fallback.handler) found = std::move(fallback);
  }
  if (!found.handler) return answer_unmatched(context, std::move(found.allow));
  if (!found.values.empty()) request.set_route_values(std::move(found.values));
  return (*found.handler)(context);
}

}  // namespace saker
