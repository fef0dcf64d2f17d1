#include "io/file.hpp"

#include <cerrno>
#include <charconv>
#include <system_error>
#include <tuple>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::http {

namespace {

void append_hex(std::string& text, std::uint64_t value) {
  char digits[16];
  auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), value, 16);
  text.append(std::begin(digits), end);
}

}  // namespace

descriptor::descriptor(descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(value_, other.value_);
  return *this;
}

descriptor::~descriptor() {
  if (value_ >= 0) ::close(value_);
}

std::optional<file> file::from(descriptor opened) {
  struct stat status{};
  if (::fstat(opened.get(), &status) != 0) {
    throw std::system_error(errno, std::generic_category());
  }
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  file result(std::move(opened));
  result.size_ = static_cast<std::uint64_t>(status.st_size);
#ifdef __APPLE__
  const auto& modified = status.st_mtimespec;
#else
  const auto& modified = status.st_mtim;
#endif
  result.seconds_ = modified.tv_sec;
  result.nanoseconds_ = modified.tv_nsec;
  return result;
}

bool file::is_older_than(const file& other) const noexcept {
  return std::tie(seconds_, nanoseconds_) < std::tie(other.seconds_, other.nanoseconds_);
}

std::string file::etag(std::string_view coding) const {
  auto time = static_cast<std::uint64_t>(seconds_) * 1'000'000'000u +
              static_cast<std::uint64_t>(nanoseconds_);
  std::string tag = "\"";
  append_hex(tag, time);
  tag.push_back('-');
  append_hex(tag, size_);
  if (!coding.empty()) tag.append("-").append(coding);
  tag.push_back('"');
  return tag;
}

void file::read(std::uint64_t offset, std::span<std::byte> buffer) const {
  while (!buffer.empty()) {
    auto count =
        ::pread(descriptor_.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::system_error(errno, std::generic_category(), "Reading a file");
    if (count == 0) {
      throw std::system_error(std::make_error_code(std::errc::io_error),
                              "A file became shorter while it was sent");
    }
    offset += static_cast<std::uint64_t>(count);
    buffer = buffer.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace saker::http
