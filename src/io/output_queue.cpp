#include "io/output_queue.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace saker::io {

chunk_pool::~chunk_pool() {
  while (free_) {
    auto* next = free_->next;
    ::operator delete(free_);
    free_ = next;
  }
}

chunk* chunk_pool::take(std::size_t at_least) {
  if (at_least <= chunk_capacity && free_) {
    auto* piece = free_;
    free_ = piece->next;
    --kept_;
    piece->next = nullptr;
    piece->begin = piece->end = 0;
    return piece;
  }
  const auto capacity = std::max(at_least, chunk_capacity);
  return new (::operator new(sizeof(chunk) + capacity)) chunk{nullptr, 0, 0, capacity};
}

void chunk_pool::give_back(chunk* piece) noexcept {
  if (piece->capacity != chunk_capacity || kept_ == most_kept) {
    ::operator delete(piece);
    return;
  }
  piece->next = free_;
  free_ = piece;
  ++kept_;
}

void output_queue::append(std::span<const std::byte> data) {
  size_ += data.size();
  while (!data.empty()) {
    if (!last_ || last_->end == last_->capacity) {
      auto* piece = pool_->take(data.size());
      (last_ ? last_->next : first_) = piece;
      last_ = piece;
    }
    const auto count = std::min(data.size(), last_->capacity - last_->end);
    std::memcpy(last_->data() + last_->end, data.data(), count);
    last_->end += count;
    data = data.subspan(count);
  }
}

std::size_t output_queue::gather(std::span<iovec> vectors) const noexcept {
  std::size_t used = 0;
  for (auto* piece = first_; piece && used < vectors.size(); piece = piece->next) {
    vectors[used++] = {piece->data() + piece->begin, piece->end - piece->begin};
  }
  return used;
}

void output_queue::consume(std::size_t bytes) noexcept {
  size_ -= bytes;
  while (first_) {
    const auto count = std::min(bytes, first_->end - first_->begin);
    first_->begin += count;
    bytes -= count;
    if (first_->begin != first_->end) return;
    auto* next = first_->next;
    pool_->give_back(first_);
    first_ = next;
    if (!first_) last_ = nullptr;
  }
}

void output_queue::clear() noexcept { consume(size_); }

}  // namespace saker::io
