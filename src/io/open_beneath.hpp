#pragma once

#include <optional>
#include <string>

#include "io/file.hpp"

namespace saker::http {

// Each returns an empty descriptor when nothing is there or it is out of reach. When the system
// could not tell, or does not let us (no descriptors left, no permission, a broken disk), it throws
// std::system_error: that is not the same as a file that does not exist.

/// Opens a folder itself, only as a place to look from.
descriptor open_folder(const std::string& path);
descriptor open_folder_beneath(const descriptor& folder, const std::string& path);

/// Opens a path below an open folder; whatever happens to the tree meanwhile, never one outside.
descriptor open_beneath(const descriptor& folder, const std::string& path, int flags);

/// A regular file below an open folder, for reading; absent when there is none.
std::optional<file> open_file_beneath(const descriptor& folder, const std::string& path);

/// The way of systems without openat2: segment by segment, and no symbolic links at all.
descriptor open_by_segments(const descriptor& folder, const std::string& path, int flags);

}  // namespace saker::http
