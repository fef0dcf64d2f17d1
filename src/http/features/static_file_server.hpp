#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <saker/http/features/static_files.hpp>
#include <saker/http/pipeline/middleware.hpp>

#include "http/features/file_response.hpp"
#include "http/features/static_root.hpp"

namespace saker::http {

/// Answers requests with the files below a root. Must outlive its answers.
class static_file_server {
 public:
  /// Options that cannot work throw std::invalid_argument, which names the option.
  explicit static_file_server(static_file_options options);

  /// What the middleware `static_files` does.
  task<void> answer(http_context& context, next rest) const;
  /// Answers with the file at a served path; 404 when there is none.
  task<void> answer_with(http_context& context, const std::string& path) const;

  /// Empty: such files are not served.
  std::string_view type_of(std::string_view path) const;

 private:
  std::optional<representation> find(const http_request& request, const std::string& path) const;
  std::string_view cache_control_of(std::string_view path) const;

  static_file_options options_;
  static_root root_;
};

/// The handler of a fallback to that file. A name that cannot be served throws
/// std::invalid_argument.
request_delegate fallback_file(std::string_view file_name, static_file_options options);

}  // namespace saker::http
