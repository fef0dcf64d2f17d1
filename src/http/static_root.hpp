#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "http/file.hpp"

namespace saker::http {

/// A folder whose files are served. Nothing outside it can be opened through it: the kernel
/// resolves every path below the folder (openat2 with RESOLVE_BENEATH), so symbolic links work only
/// as long as they stay inside. Where the kernel cannot, no symbolic link is followed.
///
/// The folder is opened anew each time, so that it may be replaced while the server runs.
class static_root {
 public:
  /// A relative path is looked for in the working directory, then beside the program. Throws
  /// std::invalid_argument when there is no such folder.
  explicit static_root(const std::filesystem::path& folder);

  // When the system cannot tell (no descriptors left, no permission, a broken disk), both throw an
  // http_error: 503 for what passes, else 500. The log says why, once a second at most.

  /// The regular file at a served_path; absent when there is none or it is out of reach.
  std::optional<file> open_file(const std::string& below) const;
  bool has_folder(const std::string& below) const;

 private:
  std::string path_;
};

}  // namespace saker::http
