#include "http/pipeline/route_pattern.hpp"

#include <algorithm>
#include <stdexcept>

#include "http/message/token.hpp"

namespace saker::http {

namespace {

[[noreturn]] void refuse(std::string_view pattern, std::string_view reason) {
  throw std::invalid_argument("The route pattern '" + std::string(pattern) +
                              "' is malformed: " + std::string(reason));
}

bool is_name(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

route_segment parse_segment(std::string_view pattern, std::string_view text) {
  if (text.empty()) refuse(pattern, "a segment is empty.");
  if (text.find_first_of("{}") == std::string_view::npos) {
    if (text.find_first_of("?#*") != std::string_view::npos) {
      refuse(pattern, "a literal segment must not contain '?', '#' or '*'.");
    }
    return {route_segment::type::literal, std::string(text)};
  }
  if (text.front() != '{' || text.back() != '}') {
    refuse(pattern, "a parameter must be a whole segment, '{name}'.");
  }
  auto name = text.substr(1, text.size() - 2);
  bool is_catch_all = name.starts_with('*');
  if (is_catch_all) name.remove_prefix(1);
  if (!is_name(name)) {
    refuse(pattern, "the name of a parameter consists of letters, digits, '_' and '-'.");
  }
  auto kind = is_catch_all ? route_segment::type::catch_all : route_segment::type::parameter;
  return {kind, std::string(name)};
}

bool has_name(const std::vector<route_segment>& segments, std::string_view name) noexcept {
  return std::any_of(segments.begin(), segments.end(), [&](const route_segment& each) {
    return each.kind != route_segment::type::literal && each.text == name;
  });
}

}  // namespace

std::vector<route_segment> parse_route_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/')) refuse(pattern, "it must begin with '/'.");
  std::vector<route_segment> segments;
  for (path_segments left(pattern); !left.empty(); left = left.after_front()) {
    if (!segments.empty() && segments.back().kind == route_segment::type::catch_all) {
      refuse(pattern, "a catch-all must be the last segment.");
    }
    auto segment = parse_segment(pattern, left.front());
    if (segment.kind != route_segment::type::literal && has_name(segments, segment.text)) {
      refuse(pattern, "the parameter '" + segment.text + "' occurs twice.");
    }
    segments.push_back(std::move(segment));
  }
  return segments;
}

}  // namespace saker::http
