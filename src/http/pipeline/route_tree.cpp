#include "http/pipeline/route_tree.hpp"

namespace saker::http {

namespace {

/// How well a route fits the method: its own name best, then HEAD for GET, then any method.
enum class fit { none, any_method, head_for_get, exact };

bool contains(const std::vector<std::string>& methods, std::string_view method) noexcept {
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

fit fit_of(const route& candidate, std::string_view method) noexcept {
  if (candidate.methods.empty()) return fit::any_method;
  if (contains(candidate.methods, method)) return fit::exact;
  return method == "HEAD" && contains(candidate.methods, "GET") ? fit::head_for_get : fit::none;
}

void allow(route_search& search, std::string_view method) {
  auto& allowed = search.allowed;
  if (std::find(allowed.begin(), allowed.end(), method) == allowed.end()) allowed.push_back(method);
}

bool choose(const route_node& node, route_search& search) {
  auto best = fit::none;
  for (const auto& candidate : node.routes) {
    auto fitness = fit_of(candidate, search.method);
    if (fitness > best) {
      best = fitness;
      search.found = &candidate;
    }
  }
  if (best != fit::none) return true;
  for (const auto& candidate : node.routes) {
    for (const auto& method : candidate.methods) {
      allow(search, method);
      if (method == "GET") allow(search, "HEAD");
    }
  }
  return false;
}

bool search_with_value(const route_node& node, std::string_view value, path_segments rest,
                       route_search& search) {
  search.values.push_back(value);
  if (search_route(node, rest, search)) return true;
  search.values.pop_back();
  return false;
}

}  // namespace

route_node& make_route_node(route_node& root, const std::vector<route_segment>& segments) {
  auto* node = &root;
  for (const auto& segment : segments) {
    if (segment.kind == route_segment::type::literal) {
      node = &node->literals[segment.text];
      continue;
    }
    bool is_catch_all = segment.kind == route_segment::type::catch_all;
    auto& child = is_catch_all ? node->catch_all : node->parameter;
    if (!child) child = std::make_unique<route_node>();
    node = child.get();
  }
  return *node;
}

bool search_route(const route_node& node, path_segments path, route_search& search) {
  if (path.empty()) {
    if (choose(node, search)) return true;
  } else {
    auto literal = node.literals.find(path.front());
    if (literal != node.literals.end() &&
        search_route(literal->second, path.after_front(), search)) {
      return true;
    }
    if (node.parameter && !path.front().empty() &&
        search_with_value(*node.parameter, path.front(), path.after_front(), search)) {
      return true;
    }
  }
  return node.catch_all &&
         search_with_value(*node.catch_all, path.rest(), path_segments({}), search);
}

}  // namespace saker::http
