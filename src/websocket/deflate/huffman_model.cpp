#ifdef SAKER_HAS_ISAL

#include "websocket/deflate/huffman_model.hpp"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace saker::websockets {
namespace {

// The first messages teach at once; then one in 16 is looked at, and tables are built anew after
// 32 of those, which makes both together cost less than a tenth of a microsecond per message.
constexpr std::uint32_t first_messages = 64;
constexpr std::uint32_t sample_every = 16;
constexpr std::uint32_t build_every = 32 * sample_every;
constexpr std::size_t most_learnt_of_one = 16 * 1024;

}  // namespace

struct huffman_model::state {
  isal_huff_histogram seen{};
  isal_hufftables tables{};
};

huffman_model::huffman_model() = default;

huffman_model::~huffman_model() = default;

void* huffman_model::tables_for(std::span<const std::byte> message) {
  ++messages_;
  const bool early = messages_ <= first_messages;
  if (early || messages_ % sample_every == 0) learn(message);
  if (early ? std::has_single_bit(messages_) : messages_ % build_every == 0) {
    isal_create_hufftables(&state_->tables, &state_->seen);
    // What is long ago counts less.
    for (auto& each : state_->seen.lit_len_histogram) each /= 2;
    for (auto& each : state_->seen.dist_histogram) each /= 2;
  }
  return &state_->tables;
}

void huffman_model::learn(std::span<const std::byte> message) {
  if (!state_) state_ = std::make_unique<state>();
  const auto size = std::min(message.size(), most_learnt_of_one);
  isal_update_histogram(reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(message.data())),
                        static_cast<int>(size), &state_->seen);
}

}  // namespace saker::websockets

#endif
