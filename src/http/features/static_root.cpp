#include "http/features/static_root.hpp"

#include <stdexcept>
#include <system_error>

#include <saker/http/message/error.hpp>

#include "io/open_beneath.hpp"
#include "observe/log.hpp"

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

observe::rare_log_line failures;

bool passes(const std::error_code& error) {
  return error == std::errc::too_many_files_open ||
         error == std::errc::too_many_files_open_in_system ||
         error == std::errc::not_enough_memory ||
         error == std::errc::resource_unavailable_try_again;
}

/// Answers with the server's fault what is one: a 404 would be kept by caches.
template <class Look>
auto looked(const std::string& path, const Look& look) {
  try {
    return look();
  } catch (const std::system_error& error) {
    failures.log(observe::log_level::error,
                 "'" + path + "' cannot be opened: " + error.code().message());
    throw http_error(passes(error.code()) ? 503 : 500);
  }
}

}  // namespace

static_root::static_root(const std::filesystem::path& folder)
    : path_(found_folder(folder).string()) {}

opened_root static_root::open() const {
  return looked(path_, [&] { return opened_root(path_, open_folder(path_)); });
}

std::optional<file> opened_root::open_file(const std::string& below) const {
  if (!folder_) return std::nullopt;
  return looked(path_ + '/' + below, [&] { return open_file_beneath(folder_, below); });
}

bool opened_root::has_folder(const std::string& below) const {
  if (!folder_ || below.empty()) return static_cast<bool>(folder_);
  return looked(path_ + '/' + below,
                [&] { return static_cast<bool>(open_folder_beneath(folder_, below)); });
}

}  // namespace saker::http
