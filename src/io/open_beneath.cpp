#include "io/open_beneath.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#if defined(__linux__) && __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

namespace saker::http {

namespace {

#ifdef O_PATH
constexpr int folder_flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
#else
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
#endif

/// Nothing is there (or something that no path leads into or that cannot be read from), or it lies
/// outside.
bool is_absence(int error) noexcept {
  return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG || error == EXDEV ||
         error == ENXIO || error == ENODEV;
}

descriptor absent_unless_failed(int error) {
  if (is_absence(error)) return descriptor();
  throw std::system_error(error, std::generic_category());
}

descriptor take(long opened) {
  return opened >= 0 ? descriptor(static_cast<int>(opened)) : absent_unless_failed(errno);
}

#if defined(__linux__) && defined(SYS_openat2)

/// Kernels before 5.6 do not know openat2, and never will.
std::atomic<bool> has_openat2 = true;

/// Nothing: the other way must be taken this time.
std::optional<descriptor> open_by_kernel(const descriptor& folder, const std::string& path,
                                         int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: something in the tree was renamed meanwhile, so the kernel could not be sure.
  for (int attempt = 0; attempt < 8; ++attempt) {
    auto opened = ::syscall(SYS_openat2, folder.get(), path.c_str(), &how, sizeof how);
    if (opened < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (opened < 0 && errno == ENOSYS) has_openat2 = false;
    // A sandbox says EPERM when it forbids the call, and the system when it forbids the file: only
    // the other way can tell, and the next file may be another case.
    if (opened < 0 && (errno == ENOSYS || errno == EPERM)) return std::nullopt;
    return take(opened);
  }
  throw std::system_error(EAGAIN, std::generic_category());
}

#endif

}  // namespace

descriptor open_by_segments(const descriptor& folder, const std::string& path, int flags) {
  descriptor parent;
  std::size_t begin = 0;
  while (true) {
    auto end = std::min(path.find('/', begin), path.size());
    char name[NAME_MAX + 1] = {};
    if (end == begin || end - begin > NAME_MAX) return descriptor();
    std::memcpy(name, path.data() + begin, end - begin);
    if (std::strcmp(name, "..") == 0) return descriptor();
    bool is_last = end == path.size();
    int step = is_last ? flags : folder_flags;
    const int from = parent ? parent.get() : folder.get();
    const int result = ::openat(from, name, step | O_NOFOLLOW);
    if (result < 0 && errno == ELOOP) return descriptor();  // A link.
    auto opened = take(result);
    if (!opened || is_last) return opened;
    parent = std::move(opened);
    begin = end + 1;
  }
}

descriptor open_folder(const std::string& path) { return take(::open(path.c_str(), folder_flags)); }

descriptor open_folder_beneath(const descriptor& folder, const std::string& path) {
  return open_beneath(folder, path, folder_flags);
}

std::optional<file> open_file_beneath(const descriptor& folder, const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not wait for its other end.
  auto opened = open_beneath(folder, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  return opened ? file::from(std::move(opened)) : std::nullopt;
}

descriptor open_beneath(const descriptor& folder, const std::string& path, int flags) {
#if defined(__linux__) && defined(SYS_openat2)
  if (has_openat2) {
    if (auto opened = open_by_kernel(folder, path, flags)) return std::move(*opened);
  }
#endif
  return open_by_segments(folder, path, flags);
}

}  // namespace saker::http
