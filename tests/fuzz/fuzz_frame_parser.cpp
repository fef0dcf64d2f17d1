// The frame parser, fed as the WebSocket connection feeds it: whole and in pieces.

#include <cstring>
#include <string>

#include "fuzz_input.hpp"
#include "websocket/reader/frame_parser.hpp"
#include "websocket/reader/mask.hpp"

namespace {

using namespace saker::websockets;
using saker::fuzz::require;

/// The bytes that a client must have sent for this header: there is only one form of it.
std::string encode(const frame_header& header) {
  std::string out;
  out += static_cast<char>((header.fin ? 0x80U : 0U) | static_cast<unsigned>(header.code));
  const int bytes = header.length < 126 ? 0 : header.length <= 0xffff ? 2 : 8;
  const auto small = bytes == 0 ? header.length : bytes == 2 ? 126U : 127U;
  out += static_cast<char>(0x80U | small);
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(header.length >> (8 * i) & 0xffU);
  return out.append(reinterpret_cast<const char*>(&header.mask), 4);
}

class reader {
 public:
  std::size_t on_read(std::span<const std::byte> data) {
    std::size_t used = 0;
    while (used < data.size()) {
      const auto rest = data.subspan(used);
      if (in_frame_) {
        const auto size = std::min<std::uint64_t>(rest.size(), header_.length - taken_);
        used += size;
        payload(rest.first(size));
        continue;
      }
      const auto size = parser_.parse(rest, header_);
      if (size == 0) {
        if (!parser_.has_fault()) break;
        check_fault_stays();
        return saker::fuzz::ended;
      }
      require(!parser_.has_fault(), "no header after a fault");
      begin(rest, size);
      used += size;
    }
    return used;
  }

  std::string trace;
  bool has_fault() const { return parser_.has_fault(); }

 private:
  void begin(std::span<const std::byte> data, std::size_t size) {
    require(size <= data.size(), "a header that is there");
    const auto expected = encode(header_);
    require(expected.size() == size && std::memcmp(expected.data(), data.data(), size) == 0,
            "a header in its only form");
    if (is_control(header_.code)) {
      require(header_.fin && header_.length <= 125, "control frames are small and whole");
      require(header_.length <= data.size() - size, "a control frame comes with its payload");
    } else {
      require((header_.code == opcode::continuation) == in_message_, "the order of fragments");
      in_message_ = !header_.fin;
    }
    trace += "|" + expected;
    taken_ = 0;
    in_frame_ = header_.length > 0;
  }

  void payload(std::span<const std::byte> masked) {
    std::vector<std::byte> plain(masked.size());
    copy_unmasked(plain.data(), masked, header_.mask, taken_);
    std::array<std::byte, 4> key;
    std::memcpy(key.data(), &header_.mask, 4);
    for (std::size_t i = 0; i < masked.size(); ++i) {
      require(plain[i] == (masked[i] ^ key[(taken_ + i) % 4]), "the mask");
    }
    trace.append(reinterpret_cast<const char*>(plain.data()), plain.size());
    taken_ += masked.size();
    in_frame_ = taken_ < header_.length;
  }

  void check_fault_stays() {
    const std::array<std::byte, 6> ping{std::byte{0x89}, std::byte{0x80}};
    frame_header header;
    require(parser_.parse(ping, header) == 0 && parser_.has_fault(), "a fault stays");
  }

  frame_parser parser_;
  frame_header header_;
  std::uint64_t taken_ = 0;
  bool in_frame_ = false;
  bool in_message_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  saker::fuzz::input input(data, size);
  const auto splits = input.splits();
  reader whole;
  saker::fuzz::feed(input.rest(), {}, [&](auto shown) { return whole.on_read(shown); });
  reader split;
  saker::fuzz::feed(input.rest(), splits, [&](auto shown) { return split.on_read(shown); });
  require(whole.has_fault() == split.has_fault(), "the same fault, whole and split");
  require(whole.trace == split.trace, "the same frames, whole and split");
  return 0;
}
