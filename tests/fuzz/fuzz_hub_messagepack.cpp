// The MessagePack hub protocol on the bytes of a client.

#include "hub_round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  saker::fuzz::read_and_write(saker::signalr::messagepack_protocol(),
                              saker::fuzz::text_of(data, size));
  return 0;
}
