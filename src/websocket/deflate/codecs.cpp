#include "websocket/deflate/codecs.hpp"

namespace saker::websockets {
namespace {

constexpr std::size_t most_compressed_kept = 1024 * 1024;

template <class T>
std::unique_ptr<T> take_last(std::vector<std::unique_ptr<T>>& from) {
  if (from.empty()) return nullptr;
  auto last = std::move(from.back());
  from.pop_back();
  return last;
}

}  // namespace

std::unique_ptr<inflating> codecs::take_inflater() {
  auto taken = take_last(inflaters_);
  if (!taken) return std::make_unique<inflating>(inflater_window_bits);
  taken->stream.reset();
  taken->text.reset();
  taken->size = 0;
  return taken;
}

void codecs::give_back(std::unique_ptr<inflating> used) {
  if (inflaters_.size() < most_kept) inflaters_.push_back(std::move(used));
}

std::unique_ptr<deflater> codecs::take_deflater(int window_bits) {
  auto taken = take_last(deflaters_);
  if (!taken) return std::make_unique<deflater>(window_bits, &model_);
  taken->reset(window_bits);
  return taken;
}

void codecs::give_back(std::unique_ptr<deflater> used) {
  if (deflaters_.size() < most_kept) deflaters_.push_back(std::move(used));
}

std::vector<std::byte>& codecs::compressed() {
  if (compressed_.capacity() > most_compressed_kept) compressed_ = {};
  compressed_.clear();
  return compressed_;
}

std::span<std::byte> codecs::inflated() {
  if (!inflated_) inflated_.reset(new std::byte[inflated_size]);
  return {inflated_.get(), inflated_size};
}

}  // namespace saker::websockets
