#pragma once

#include <string_view>

#include "http/exchange.hpp"

namespace saker::http {

/// Whether it can be the authority of a request (section 3.9 of the specification). Empty is valid.
bool is_valid_host(std::string_view host) noexcept;

/// Sets path, query and decoded path from a target in origin form. False: it cannot be decoded.
bool set_origin_path(request_head& head, std::string_view origin);

}  // namespace saker::http
