#include "http/static_root.hpp"

#include <stdexcept>
#include <system_error>

#include <fcntl.h>

#include "http/open_beneath.hpp"

namespace saker::http {

namespace {

std::filesystem::path program_folder() {
  std::error_code error;
  auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path() : program.parent_path();
}

std::filesystem::path found_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (!folder.empty()) {
    auto here = std::filesystem::absolute(folder, error);
    if (!error && std::filesystem::is_directory(here, error)) return here;
    auto beside = program_folder() / folder;
    if (folder.is_relative() && std::filesystem::is_directory(beside, error)) return beside;
  }
  throw std::invalid_argument("The folder '" + folder.string() + "' does not exist.");
}

}  // namespace

static_root::static_root(const std::filesystem::path& folder)
    : path_(found_folder(folder).string()) {}

std::optional<file> static_root::open_file(const std::string& below) const {
  auto root = open_folder(path_);
  if (!root) return std::nullopt;
  // O_NONBLOCK: opening a FIFO must not wait for its other end.
  auto opened = open_beneath(root, below, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  return opened ? file::from(std::move(opened)) : std::nullopt;
}

bool static_root::has_folder(const std::string& below) const {
  auto root = open_folder(path_);
  return root && (below.empty() || open_folder_beneath(root, below));
}

}  // namespace saker::http
