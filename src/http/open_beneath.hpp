#pragma once

#include <string>

#include "http/file.hpp"

namespace saker::http {

/// Opens a folder itself, only as a place to look from.
descriptor open_folder(const std::string& path) noexcept;
descriptor open_folder_beneath(const descriptor& folder, const std::string& path) noexcept;

/// Opens a path below an open folder; whatever happens to the tree meanwhile, never one outside.
/// Gives an empty descriptor when that fails.
descriptor open_beneath(const descriptor& folder, const std::string& path, int flags) noexcept;

/// The way of systems without openat2: segment by segment, and no symbolic links at all.
descriptor open_by_segments(const descriptor& folder, const std::string& path, int flags) noexcept;

}  // namespace saker::http
