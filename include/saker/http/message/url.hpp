#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker {

/// Parses a query string (without its `?`) or a form into pairs, in their order: `+` is a space,
/// percent-encoding is decoded, a malformed escape is left unchanged.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

/// Decodes percent-encoding in a path. Returns nothing if an escape is malformed or decodes to NUL.
/// `%2F` stays encoded, so that it cannot create a new segment.
std::optional<std::string> decode_path(std::string_view path);

/// Removes `.` and `..` segments (RFC 3986, section 5.2.4); never climbs above the root.
std::string remove_dot_segments(std::string_view path);

/// Percent-encodes everything but unreserved characters (RFC 3986, section 2.3).
std::string percent_encode(std::string_view text);

/// Decodes every percent-escape; a malformed one is left unchanged.
std::string percent_decode(std::string_view text);

}  // namespace saker
