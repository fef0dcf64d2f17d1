#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "io/file.hpp"

namespace saker::http {

/// The folder as it was when it was opened: its files belong together, whatever takes its place.
/// Must not outlive its static_root.
class opened_root {
 public:
  // When the system cannot tell (no descriptors left, no permission, a broken disk), both throw an
  // http_error: 503 for what passes, else 500. The log says why, once a second at most.

  /// The regular file at a served_path; absent when there is none or it is out of reach.
  std::optional<file> open_file(const std::string& below) const;
  bool has_folder(const std::string& below) const;

 private:
  friend class static_root;
  opened_root(const std::string& path, descriptor folder) noexcept
      : path_(path), folder_(std::move(folder)) {}

  const std::string& path_;
  descriptor folder_;
};

/// A folder whose files are served. Nothing outside it can be opened through it: the kernel
/// resolves every path below the folder (openat2 with RESOLVE_BENEATH), so symbolic links work only
/// as long as they stay inside. Where the kernel cannot, no symbolic link is followed.
class static_root {
 public:
  /// A relative path is looked for in the working directory, then beside the program. Throws
  /// std::invalid_argument when there is no such folder.
  explicit static_root(const std::filesystem::path& folder);

  /// Opened anew for each request, the folder may be replaced while the server runs. Throws as
  /// opened_root does; a folder that is gone has no files.
  opened_root open() const;

 private:
  std::string path_;
};

}  // namespace saker::http
