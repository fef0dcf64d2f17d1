#pragma once

#include <string_view>

#include "http/exchange/exchange.hpp"

namespace saker::http {

/// Whether it can be the authority of a request (RFC 9110, section 4.2). Empty is valid.
bool is_valid_host(std::string_view host) noexcept;

/// Sets path, query and decoded path from a target in origin form. False: it cannot be decoded, or
/// has a character that no target has (RFC 9112, section 3.2; RFC 3986): `#`, `"`, `<`, `>`, a
/// blank, a control character, a byte beyond ASCII, or in the path a backslash. What browsers send
/// as it is although RFC 3986 would have it encoded, such as `|`, `[` and `{`, is accepted.
bool set_origin_path(request_head& head, std::string_view origin);

}  // namespace saker::http
