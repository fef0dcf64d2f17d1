#pragma once

#include "http/v1/request_reader.hpp"

namespace saker::http::v1 {

/// Applies the rules that go beyond the grammar: the target and Host (RFC 9112, section 3), the
/// body's length (section 6). Fills in what follows from them; returns the fault, if any.
request_fault apply_request_rules(http::request_head& head, head_facts& facts);

}  // namespace saker::http::v1
