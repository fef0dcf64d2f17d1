#pragma once

#include <string>

#include <saker/http/exchange/problem_details.hpp>
#include <saker/http/message/headers.hpp>

namespace saker::http {

/// Whether a client likes problem details as JSON as well as plain text, or better.
bool prefers_problem_json(const headers& request);

/// RFC 9457, section 3.
std::string problem_json(const problem_details& problem, int status);
/// Status and title in a line, the detail in another.
std::string problem_text(const problem_details& problem, int status);

}  // namespace saker::http
