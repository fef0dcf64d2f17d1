#include "http/open_beneath.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>

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

#if defined(__linux__) && defined(SYS_openat2)

/// Kernels before 5.6 do not know openat2, and sandboxes may forbid it.
std::atomic<bool> has_openat2 = true;

descriptor open_by_kernel(const descriptor& folder, const std::string& path, int flags) noexcept {
  open_how how{};
  how.flags = static_cast<unsigned>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: something in the tree was renamed meanwhile, so the kernel could not be sure.
  for (int attempt = 0; attempt < 8; ++attempt) {
    auto opened = ::syscall(SYS_openat2, folder.get(), path.c_str(), &how, sizeof how);
    if (opened >= 0) return descriptor(static_cast<int>(opened));
    if (errno == ENOSYS || errno == EPERM) has_openat2 = false;
    if (errno != EAGAIN && errno != EINTR) break;
  }
  return descriptor();
}

#endif

}  // namespace

descriptor open_by_segments(const descriptor& folder, const std::string& path, int flags) noexcept {
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
    descriptor opened(::openat(parent ? parent.get() : folder.get(), name, step | O_NOFOLLOW));
    if (!opened || is_last) return opened;
    parent = std::move(opened);
    begin = end + 1;
  }
}

descriptor open_folder(const std::string& path) noexcept {
  return descriptor(::open(path.c_str(), folder_flags));
}

descriptor open_folder_beneath(const descriptor& folder, const std::string& path) noexcept {
  return open_beneath(folder, path, folder_flags);
}

descriptor open_beneath(const descriptor& folder, const std::string& path, int flags) noexcept {
#if defined(__linux__) && defined(SYS_openat2)
  if (has_openat2) {
    auto opened = open_by_kernel(folder, path, flags);
    if (opened || has_openat2) return opened;
  }
#endif
  return open_by_segments(folder, path, flags);
}

}  // namespace saker::http
