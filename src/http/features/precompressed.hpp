#pragma once

#include <string>

#include <saker/http/message/headers.hpp>

#include "http/features/file_response.hpp"
#include "http/features/static_root.hpp"

namespace saker::http {

/// Puts the sibling that the client likes best in the place of the file at the served path, and
/// says whether the answer depends on `Accept-Encoding`.
void negotiate_coding(representation& sent, const headers& request, const opened_root& root,
                      const std::string& path);

}  // namespace saker::http
