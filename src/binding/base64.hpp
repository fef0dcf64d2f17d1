#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::binding {

/// RFC 4648, section 4.
void append_base64(std::string& out, std::span<const std::byte> bytes);
/// Absent: it is none; neither are blanks, nor padding that is missing or stands elsewhere.
std::optional<std::vector<std::byte>> from_base64(std::string_view text);

}  // namespace saker::binding
