#include <saker/signalr/hub_options.hpp>

#include <algorithm>
#include <stdexcept>

namespace saker::signalr {
namespace {

using namespace std::chrono_literals;

void require(bool holds, const char* option, const char* allowed) {
  if (holds) return;
  throw std::invalid_argument("hub_options::" + std::string(option) + " must be " + allowed + ".");
}

}  // namespace

void hub_options::validate() const {
  require(keep_alive_interval >= 1s, "keep_alive_interval", "1 s or more");
  require(client_timeout_interval >= 1s, "client_timeout_interval", "1 s or more");
  require(handshake_timeout > 0ms, "handshake_timeout", "more than 0");
  require(maximum_receive_message_size.value_or(1) >= 1, "maximum_receive_message_size",
          "1 byte or more, or absent");
  require(stream_buffer_capacity >= 1, "stream_buffer_capacity", "1 or more");
  require(stream_memory_limit >= 4'096, "stream_memory_limit", "4096 bytes or more");
  require(maximum_parallel_invocations_per_client >= 1, "maximum_parallel_invocations_per_client",
          "1 or more");
  require(std::all_of(supported_protocols.begin(), supported_protocols.end(),
                      [](const auto& each) { return each == "json" || each == "messagepack"; }),
          "supported_protocols", "'json' and 'messagepack', or empty for both");
  require(stateful_reconnect_buffer_size >= 1, "stateful_reconnect_buffer_size", "1 byte or more");
}

}  // namespace saker::signalr
