#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saker/http/pipeline/middleware.hpp>

#include "http/message/token.hpp"
#include "http/pipeline/route_pattern.hpp"

namespace saker::http {

/// A handler at the end of a pattern.
struct route {
  std::vector<std::string> methods;     ///< Empty: every method.
  std::vector<std::string> parameters;  ///< In the order of the pattern.
  request_delegate handler;
};

struct less_ignoring_case {
  using is_transparent = void;
  bool operator()(std::string_view left, std::string_view right) const noexcept {
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(),
                                        [](char a, char b) { return to_lower(a) < to_lower(b); });
  }
};

/// A segment in the tree of all patterns. A path visits each node at most once, so matching costs
/// no more than the patterns that share its beginning.
struct route_node {
  std::map<std::string, route_node, less_ignoring_case> literals;
  std::unique_ptr<route_node> parameter;
  std::unique_ptr<route_node> catch_all;
  std::vector<route> routes;
};

/// What a search gathers.
struct route_search {
  std::string_view method;
  const route* found = nullptr;
  std::vector<std::string_view> values;   ///< Of the parameters on the way to `found`.
  std::vector<std::string_view> allowed;  ///< The methods of the routes that matched the path.
};

/// The node of the pattern, made where it is missing.
route_node& make_route_node(route_node& root, const std::vector<route_segment>& segments);

/// Looks for the most literal route that takes the method; returns true when there is one.
bool search_route(const route_node& node, path_segments path, route_search& search);

}  // namespace saker::http
