#pragma once

#include <string_view>

#include <saker/core/task.hpp>
#include <saker/http/static_files.hpp>

#include "http/file.hpp"

namespace saker::http {

/// Answers a GET or HEAD request with the file: 200, 206, 304, 412 or 416. The options and the
/// content type must outlive the task.
task<void> send_file(http_context& context, const static_file_options& options, file source,
                     std::string_view content_type);

}  // namespace saker::http
