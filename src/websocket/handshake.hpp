#pragma once

#include <string>
#include <string_view>

#include <saker/http/headers.hpp>

namespace saker::websockets {

// The opening handshake (RFC 6455, section 4.2). No I/O.

/// base64(SHA-1(key + GUID)).
std::string accept_key(std::string_view key);

/// Base64 that decodes to exactly 16 bytes.
bool is_valid_key(std::string_view key) noexcept;

/// Whether the fields of a GET ask for a WebSocket of version 13.
bool is_handshake(std::string_view method, const headers& fields) noexcept;

/// A handshake that is right but for its version.
bool is_handshake_of_other_version(std::string_view method, const headers& fields) noexcept;

/// Throws `std::invalid_argument` unless it is a token of RFC 6455, section 4.1, item 10.
void validate_sub_protocol(std::string_view name);

}  // namespace saker::websockets
