#pragma once

#include <string>
#include <string_view>

namespace saker::binding {

/// Appends a string as JSON text (RFC 8259, section 7): what is no UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// The text with U+FFFD for what is no UTF-8.
std::string repaired_utf8(std::string_view text);

}  // namespace saker::binding
