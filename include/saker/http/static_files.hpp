#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <saker/http/middleware.hpp>

namespace saker {

/// Options of `use_static_files`.
struct static_file_options {
  /// The folder that is served. A relative path is looked for in the working directory, then
  /// beside the program.
  std::filesystem::path root = "wwwroot";
  /// The path under which the folder appears; empty for the root of the site.
  std::string request_path = {};
  /// The value of Cache-Control; empty: not sent.
  std::string cache_control = {};
  /// Further content types by extension (with its dot, lower case), before the built-in ones.
  std::map<std::string, std::string> content_types = {};
  /// Serves files of unknown extension as application/octet-stream; otherwise they are passed on.
  bool serve_unknown_file_types = false;
  /// Called before a file is answered, to add headers.
  std::function<void(http_context&)> on_prepare_response = {};
};

/// Options of `use_default_files`.
struct default_file_options {
  std::filesystem::path root = "wwwroot";
  std::string request_path = {};
  std::vector<std::string> file_names = {"index.html", "index.htm", "default.html", "default.htm"};
};

/// Middleware that answers GET and HEAD for files below a root folder, and passes everything else
/// on: content type by extension, `ETag` and `Last-Modified`, conditional requests (304, 412), one
/// or several byte ranges (206, 416; RFC 9110, sections 13 and 14). No request reaches a file
/// outside the root, through `..`, encoded separators or symbolic links; hidden files (a segment
/// that begins with a dot) are never served. Files are read in pieces while they are sent.
/// A root that does not exist throws `std::invalid_argument`.
middleware static_files(static_file_options options = {});

/// Middleware that rewrites the path of a folder to its default file, where there is one; a folder
/// asked for without its trailing slash is redirected (301) to the path with it. Comes before
/// `static_files`.
middleware default_files(default_file_options options = {});

/// The content type for a file name, by its extension; empty when unknown.
std::string_view content_type_of(std::string_view file_name) noexcept;

}  // namespace saker
