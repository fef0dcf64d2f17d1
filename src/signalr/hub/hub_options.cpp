#include <saker/signalr/hub/hub_options.hpp>

#include <algorithm>
#include <stdexcept>

#include <saker/http/message/headers.hpp>
#include <saker/signalr/protocol/hub_protocol.hpp>

namespace saker::signalr {
namespace {

using namespace std::chrono_literals;

void require(bool holds, const char* option, const char* allowed) {
  if (holds) return;
  throw std::invalid_argument("hub_options::" + std::string(option) + " must be " + allowed + ".");
}

void require_protocols(const hub_options& options) {
  std::vector<std::string_view> names;
  const auto is_known = [&](std::string_view name) {
    return std::any_of(names.begin(), names.end(),
                       [&](auto each) { return equals_ignoring_case(each, name); });
  };
  for (const auto& each : options.protocols) {
    require(each && !each->name().empty(), "protocols", "protocols that have names");
    require(!is_known(each->name()), "protocols", "protocols with different names");
    names.push_back(each->name());
  }
  names.insert(names.end(), {json_protocol().name(), messagepack_protocol().name()});
  const auto& wanted = options.supported_protocols;
  require(std::all_of(wanted.begin(), wanted.end(), is_known), "supported_protocols",
          "'json', 'messagepack' or names of protocols, or empty for all of them");
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
  require_protocols(*this);
  require(stateful_reconnect_buffer_size >= 1, "stateful_reconnect_buffer_size", "1 byte or more");
}

}  // namespace saker::signalr
