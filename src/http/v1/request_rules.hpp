#pragma once

#include "http/v1/request_reader.hpp"

namespace saker::http1 {

/// Applies the rules that go beyond the grammar: Host, body length, target (sections 3.9 and 3.10
/// of the specification). Fills in what follows from them; gives the fault, if any.
request_fault apply_request_rules(http::request_head& head, head_facts& facts);

}  // namespace saker::http1
