// Inflating messages in pieces of any size, against all of it at once, and against a limit.

#include <array>
#include <string>
#include <string_view>

#include "fuzz_input.hpp"
#include "websocket/deflate/inflater.hpp"

namespace {

using saker::fuzz::require;
using saker::websockets::inflater;

constexpr std::size_t limit = 64 * 1024;

struct outcome {
  std::string text;
  bool corrupt = false;
  bool operator==(const outcome&) const = default;
};

/// Shows the message in the pieces of the splits, and reads up to `room` bytes at a time.
outcome inflate(inflater& from, std::span<const std::byte> message, saker::fuzz::splitter splits,
                std::size_t room) {
  outcome result;
  std::array<std::byte, 4096> buffer;
  do {
    const auto size = message.empty() ? 0 : splits.next(message.size());
    auto piece = message.first(size);
    message = message.subspan(size);
    const bool last = message.empty();
    for (bool more = true; more && result.text.size() <= limit;) {
      const auto target = std::span(buffer).first(room);
      const auto count = from.read(piece, last, target);
      require(count <= room, "no more than there is room for");
      result.text.append(reinterpret_cast<const char*>(buffer.data()), count);
      more = count == room && from.has_more(piece, last);
    }
    if (result.text.size() > limit) result.text.resize(limit + 1);
    result.corrupt = from.is_corrupt();
  } while (!message.empty() && !result.corrupt && result.text.size() <= limit);
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  saker::fuzz::input input(data, size);
  const auto room = 1 + std::size_t{input.byte()} * 16;
  const auto splits = input.splits();
  inflater pieces(15);
  inflater whole(15);
  // Two messages, the second with the context of the first.
  const auto first = input.bytes(input.byte());
  for (const auto message : {first, input.rest()}) {
    const auto left = inflate(pieces, message, splits, room);
    const auto right = inflate(whole, message, {}, 4096);
    if (left.text.size() > limit || right.text.size() > limit) return 0;
    require(left.corrupt == right.corrupt, "pieces and the whole are judged alike");
    if (left.corrupt) return 0;
    require(left.text == right.text, "pieces are those of the whole");
  }
  return 0;
}
