#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include <saker/signalr/protocol/hub_protocol.hpp>

#include "fuzz_input.hpp"

namespace saker::fuzz {

/// What a protocol has read it must write so that it reads the same again; whatever else it makes
/// of the bytes, it must say so with an exception.
inline void read_and_write(const signalr::hub_protocol& protocol, std::string_view data) {
  try {
    while (const auto frame = protocol.next_frame(data, 0)) {
      require(frame->size != 0 && frame->size <= data.size(), "a frame lies in its data");
      const auto message = protocol.parse(frame->payload);
      data.remove_prefix(frame->size);
      if (!message) continue;
      std::string written;
      protocol.write(*message, written);
      const auto again = protocol.next_frame(written, 0);
      require(again && again->size == written.size(), "what is written is one frame");
      const auto same = protocol.parse(again->payload);
      require(same && same->type == message->type &&
                  same->invocation_id == message->invocation_id &&
                  same->target == message->target && same->stream_ids == message->stream_ids,
              "what is written is read as it was");
    }
  } catch (const std::exception&) {
    // Refused.
  }
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace saker::fuzz
