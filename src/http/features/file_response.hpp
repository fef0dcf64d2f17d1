#pragma once

#include <functional>
#include <string_view>

#include <saker/async/task.hpp>
#include <saker/http/exchange/context.hpp>

#include "io/file.hpp"

namespace saker::http {

/// What is sent of a file, and what is said about it. The views must outlive the answer.
struct representation {
  file source;
  std::string_view content_type;
  std::string_view cache_control;        ///< Empty: not sent.
  std::string_view content_coding = {};  ///< Empty: none.
  bool depends_on_coding = false;        ///< Whether `Accept-Encoding` may change the answer.
};

/// Answers a GET or HEAD request with the representation: 200, 206, 304, 412 or 416. The callback,
/// which may be empty, is that of `static_file_options`, and must outlive the task.
task<void> send_file(http_context& context, representation sent,
                     const std::function<void(http_context&)>& on_prepare_response);

}  // namespace saker::http
