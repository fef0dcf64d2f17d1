#pragma once

#include <string>
#include <string_view>

#include "arguments.hpp"
#include "wire.hpp"

namespace saker_load {

std::string upgrade_request(const endpoint& server, compression deflate = compression::none);

/// Whether `answer` is a whole response head. Throws `load_error` when it is not the 101 wanted.
bool is_upgraded(std::string_view answer, compression deflate = compression::none);

/// A connection ready for messages: connected and, unless raw, upgraded to WebSocket.
wire open_connection(const arguments& options);

}  // namespace saker_load
