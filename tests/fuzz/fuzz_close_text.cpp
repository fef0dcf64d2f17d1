// The UTF-8 validator against a simple reference, whole and in pieces; and Close payloads.

#include <stdexcept>
#include <string>

#include "fuzz_input.hpp"
#include "websocket/close_frame.hpp"
#include "websocket/utf8_validator.hpp"

namespace {

using saker::fuzz::require;
using bytes = std::span<const std::byte>;

enum class verdict { complete, open, wrong };

/// Decodes character by character. Open: more bytes could still make it valid.
verdict judge(bytes data) {
  for (std::size_t i = 0; i < data.size();) {
    const auto first = std::to_integer<unsigned>(data[i]);
    if (first < 0x80) {
      ++i;
      continue;
    }
    const unsigned more = first >> 5 == 6 ? 1 : first >> 4 == 14 ? 2 : first >> 3 == 30 ? 3 : 0;
    if (more == 0) return verdict::wrong;
    // The least and the greatest value that the bytes so far can still stand for.
    unsigned least = first & (0x3fU >> more);
    unsigned greatest = least;
    bool whole = true;
    for (unsigned k = 1; k <= more; ++k) {
      const bool here = i + k < data.size();
      const auto next = here ? std::to_integer<unsigned>(data[i + k]) : 0x80U;
      if (next >> 6 != 2) return verdict::wrong;
      least = least << 6 | (next & 0x3fU);
      greatest = greatest << 6 | (here ? next & 0x3fU : 0x3fU);
      whole = whole && here;
    }
    constexpr unsigned smallest[] = {0, 0x80, 0x800, 0x10000};
    if (greatest < smallest[more] || least > 0x10ffff) return verdict::wrong;
    if (least >= 0xd800 && greatest <= 0xdfff) return verdict::wrong;
    if (!whole) return verdict::open;
    i += more + 1;
  }
  return verdict::complete;
}

verdict validate(bytes data, saker::fuzz::splitter splits) {
  saker::websockets::utf8_validator validator;
  bool valid = true;
  saker::fuzz::feed(data, std::move(splits), [&](bytes shown) {
    valid = validator.feed(shown);
    return valid ? shown.size() : saker::fuzz::ended;
  });
  if (!valid) return verdict::wrong;
  return validator.is_complete() ? verdict::complete : verdict::open;
}

void check_close(bytes payload) {
  const auto parsed = saker::websockets::parse_close(payload);
  if (payload.size() < 2) {
    require(parsed.has_value() == payload.empty(), "a Close without a whole code");
    return;
  }
  const auto code =
      std::to_integer<unsigned>(payload[0]) << 8 | std::to_integer<unsigned>(payload[1]);
  const bool legal =
      (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
      (code >= 3000 && code <= 4999);
  require(parsed.has_value() == (legal && judge(payload.subspan(2)) == verdict::complete),
          "which Closes are well-formed");
  if (!parsed) return;
  require(static_cast<unsigned>(parsed->status) == code, "the status of a Close");
  saker::websockets::validate_close(parsed->status, parsed->description);
  const saker::websockets::encoded_close encoded(parsed->status, parsed->description);
  require(
      std::equal(encoded.bytes().begin(), encoded.bytes().end(), payload.begin(), payload.end()),
      "a Close that was read can be sent again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  saker::fuzz::input input(data, size);
  const auto splits = input.splits();
  const auto expected = judge(input.rest());
  require(validate(input.rest(), {}) == expected, "the verdict on the whole text");
  require(validate(input.rest(), splits) == expected, "the verdict on the pieces");
  // The payload of a control frame has 125 bytes at most.
  check_close(input.rest().first(std::min<std::size_t>(input.rest().size(), 125)));
  return 0;
}
