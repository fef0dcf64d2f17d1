#pragma once

#include <cstddef>
#include <string_view>

namespace saker::http {

/// True when the path begins with the whole segments of the prefix, without regard to case, as
/// ASP.NET Core's StartsWithSegments. The prefix is empty or begins with '/'.
bool starts_with_segments(std::string_view path, std::string_view prefix) noexcept;

/// Throws std::invalid_argument, with `what` in its message, unless the prefix begins with '/' and
/// does not end with one.
void require_path_prefix(std::string_view prefix, std::string_view what);

}  // namespace saker::http
