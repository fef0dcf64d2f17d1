#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace saker::http {

/// One segment of a route pattern.
struct route_segment {
  enum class type { literal, parameter, catch_all };
  type kind = type::literal;
  std::string text;  ///< The literal, or the name of the parameter.
};

/// Takes a pattern such as "/rooms/{room}/{*rest}" apart. A slash at the end means nothing.
/// A malformed pattern throws std::invalid_argument that quotes it.
std::vector<route_segment> parse_route_pattern(std::string_view pattern);

/// The segments of a path, one after the other.
class path_segments {
 public:
  explicit path_segments(std::string_view path) noexcept
      : rest_(path.starts_with('/') ? path.substr(1) : path) {}

  bool empty() const noexcept { return rest_.empty(); }
  std::string_view front() const noexcept { return rest_.substr(0, rest_.find('/')); }
  /// What is left, as it stands.
  std::string_view rest() const noexcept { return rest_; }
  path_segments after_front() const noexcept { return path_segments(rest_.substr(front().size())); }

 private:
  std::string_view rest_;
};

}  // namespace saker::http
