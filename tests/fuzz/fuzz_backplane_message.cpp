// What comes on the channels of the backplane.

#include "hub_round_trip.hpp"
#include "signalr/backplane/messages.hpp"

namespace {

using namespace saker::signalr;

/// What can be read can be written, and reads as the same again.
template <class Read>
void check(std::string_view payload, Read&& read) {
  try {
    const auto first = read(payload);
    const auto bytes = backplane::write(first);
    saker::fuzz::require(backplane::write(read(bytes)) == bytes, "what was written reads the same");
  } catch (const protocol_error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto payload = saker::fuzz::text_of(data, size);
  check(payload, backplane::read_invocation);
  check(payload, backplane::read_group_command);
  check(payload, backplane::read_completion);
  try {
    const auto id = backplane::read_ack(payload);
    saker::fuzz::require(backplane::read_ack(backplane::write_ack(id)) == id, "an id stays");
  } catch (const protocol_error&) {
  }
  return 0;
}
