#pragma once

#include <string>
#include <string_view>

/// The text as a JSON string, quotes included. Bytes that are not UTF-8 cannot come here: a socket
/// refuses them.
std::string json_string(std::string_view text);
