#pragma once

#include <string>
#include <string_view>

#include <saker/http/exchange/request.hpp>

namespace saker::websockets {

// The opening handshake (RFC 6455, section 4.2; RFC 8441, section 5). No I/O.

/// base64(SHA-1(key + GUID)).
std::string accept_key(std::string_view key);

/// Base64 that decodes to exactly 16 bytes.
bool is_valid_key(std::string_view key) noexcept;

/// Whether a request asks for a WebSocket: a GET that upgrades (RFC 6455, section 4.2.1), or an
/// extended CONNECT (RFC 8441, section 5).
enum class handshake { none, of_other_version, valid };
handshake classify(const http_request& request) noexcept;

/// Whether the client offers that sub-protocol, compared without regard to case.
bool is_offered(const http_request& request, std::string_view sub_protocol) noexcept;

/// Throws `std::invalid_argument` unless it is a token of RFC 6455, section 4.1, item 10.
void validate_sub_protocol(std::string_view name);

}  // namespace saker::websockets
