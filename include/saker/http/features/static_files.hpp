#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <saker/http/pipeline/middleware.hpp>

namespace saker {

/// Says which files are served, and how (`use_static_files`).
///
/// Example:
/// ```cpp
/// app.use_static_files({.root = "public", .request_path = "/assets", .cache_control =
/// "no-cache"});
/// ```
struct static_file_options {
  /// The folder to serve. A relative path is looked up in the working directory, then beside the
  /// program.
  std::filesystem::path root = "wwwroot";
  /// The path under which the folder appears; empty: the root of the site.
  std::string request_path = {};
  /// The value of Cache-Control; empty: not sent.
  std::string cache_control = {};
  /// Selects the files whose content never changes under their name, such as those of
  /// `has_fingerprint`: they get `Cache-Control: public, max-age=31536000, immutable` (RFC 8246)
  /// instead. Called with the path below the root, without a leading slash, on any loop. Default:
  /// none.
  std::function<bool(std::string_view path)> immutable_files = {};
  /// Further content types by extension (with its dot, lower case), which override the built-in
  /// ones.
  std::map<std::string, std::string> content_types = {};
  /// Serves files of unknown extension as `default_content_type`; otherwise such requests are
  /// passed on.
  bool serve_unknown_file_types = false;
  std::string default_content_type = "application/octet-stream";
  /// Sends the precompressed sibling of a file, `app.js.br`, `app.js.zst` or `app.js.gz` beside
  /// `app.js`, to clients that accept its coding; see `static_files`.
  bool precompressed = true;
  /// Called before a file is sent, to add headers.
  std::function<void(http_context&)> on_prepare_response = {};
};

/// Names the files that stand for their folder (`use_default_files`).
///
/// Example:
/// ```cpp
/// app.use_default_files({.root = "public", .file_names = {"home.html"}});
/// ```
struct default_file_options {
  std::filesystem::path root = "wwwroot";
  std::string request_path = {};
  std::vector<std::string> file_names = {"index.html", "index.htm", "default.html", "default.htm"};
};

/// Returns middleware that answers GET and HEAD for files below a root folder, and passes
/// everything else on: content type by extension, `ETag` and `Last-Modified`, conditional requests
/// (304, 412), one or several byte ranges (206, 416; RFC 9110, sections 13 and 14). No request
/// reaches a file outside the root, through `..`, encoded separators or symbolic links; hidden
/// files (a segment that begins with a dot) are never served. Files are read in pieces while they
/// are sent.
///
/// A file with precompressed siblings is negotiated by `Accept-Encoding` (RFC 9110, section
/// 12.5.3): the highest weight wins, then br, zstd, gzip, and last the uncompressed file, which is
/// also sent to a client that refuses everything. Each representation has its own strong `ETag`.
/// Ranges count bytes of the representation sent; several ranges of a compressed one are answered
/// with all of it. A sibling is used if it is a regular file within the root and not older than its
/// file. `Vary: Accept-Encoding` is sent with every response that depends on the field, including
/// those to clients that accept no coding, for which no sibling is looked up.
///
/// Throws `std::invalid_argument` if the root does not exist.
middleware static_files(static_file_options options = {});

/// Returns middleware that rewrites the path of a folder to its default file, if there is one; a
/// request for a folder without the trailing slash is redirected (301) to the path with it. Add it
/// before `static_files`.
middleware default_files(default_file_options options = {});

/// Returns the content type for a file name, by its extension; empty if unknown.
std::string_view content_type_of(std::string_view file_name) noexcept;

/// Returns whether the last segment of a path contains the fingerprint of its content, as build
/// tools write it; for `static_file_options::immutable_files`. A fingerprint is one of these,
/// before the last dot:
/// - between two dots, 10 lower-case letters and digits, with a digit that stands between letters:
///   .NET's `dotnet.native.8kcnm3a4sf.wasm`;
/// - between two dots, or between a hyphen and a dot, 8 to 64 lower-case hexadecimal digits, with
///   `0` to `9` as well as `a` to `f` among them: webpack's `main.3f2a8b7c.js`;
/// - between the last hyphen before a dot and the dot, 8 letters, digits and `_`, with letters of
///   both cases and a digit that stands between letters: Vite's and Rollup's `index-B3fQ2k1z.js`.
///
/// So dates, versions and words with a number are not fingerprints (`report-20240131.pdf`,
/// `theme.bootstrap5.css`). Fingerprints that look like them are not recognised either, half of
/// Vite's and a tenth of .NET's: caches merely revalidate these files more often. For a folder in
/// which every file has a fingerprint, use a predicate that selects the folder.
bool has_fingerprint(std::string_view path) noexcept;

}  // namespace saker
