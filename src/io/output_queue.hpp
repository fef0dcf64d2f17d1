#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace saker::io {

/// A piece of output memory, followed by its bytes.
struct chunk {
  chunk* next;
  std::size_t begin;
  std::size_t end;
  std::size_t capacity;

  std::byte* data() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
};

/// The output memory of one loop: chunks go back here as soon as they are sent, so that a chunk
/// that is still in the cache serves the next connection and an idle connection holds none.
class chunk_pool {
 public:
  static constexpr std::size_t chunk_capacity = 16 * 1024 - sizeof(chunk);
  static constexpr std::size_t most_kept = 64;

  chunk_pool() = default;
  chunk_pool(const chunk_pool&) = delete;
  chunk_pool& operator=(const chunk_pool&) = delete;
  ~chunk_pool();

  chunk* take(std::size_t at_least);
  void give_back(chunk* piece) noexcept;

 private:
  chunk* free_ = nullptr;
  std::size_t kept_ = 0;
};

/// The bytes that wait to be sent on one connection.
class output_queue {
 public:
  explicit output_queue(chunk_pool& pool) noexcept : pool_(&pool) {}
  output_queue(const output_queue&) = delete;
  output_queue& operator=(const output_queue&) = delete;
  ~output_queue() { clear(); }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  void append(std::span<const std::byte> data);
  /// Fills the vectors with what comes first and returns how many were used.
  std::size_t gather(std::span<iovec> vectors) const noexcept;
  void consume(std::size_t bytes) noexcept;
  void clear() noexcept;

 private:
  chunk_pool* pool_;
  chunk* first_ = nullptr;
  chunk* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace saker::io
