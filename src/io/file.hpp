#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace saker::http {

/// A file descriptor that is closed when its owner goes.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int value) noexcept : value_(value) {}
  descriptor(descriptor&& other) noexcept;
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor();

  explicit operator bool() const noexcept { return value_ >= 0; }
  int get() const noexcept { return value_; }

 private:
  int value_ = -1;
};

/// A regular file that is open for reading, with its size and version as they were then.
class file {
 public:
  /// Absent when the descriptor is no regular file. Throws std::system_error when that cannot be
  /// told.
  static std::optional<file> from(descriptor opened);

  std::uint64_t size() const noexcept { return size_; }
  std::time_t last_modified() const noexcept { return seconds_; }
  bool is_older_than(const file& other) const noexcept;
  /// A strong entity tag, made of modification time, size and content coding, if any.
  std::string etag(std::string_view coding = {}) const;

  /// Fills the whole buffer from the offset. A file that has become shorter, or cannot be read,
  /// throws std::system_error.
  void read(std::uint64_t offset, std::span<std::byte> buffer) const;

 private:
  explicit file(descriptor opened) noexcept : descriptor_(std::move(opened)) {}

  descriptor descriptor_;
  std::uint64_t size_ = 0;
  std::time_t seconds_ = 0;
  long nanoseconds_ = 0;
};

}  // namespace saker::http
