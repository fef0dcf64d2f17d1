#include "websocket/counters.hpp"

#include <algorithm>
#include <functional>

namespace saker {
namespace websockets {

void counters::count_end(unsigned code) noexcept {
  ++ended;
  if (code >= 1000 && code <= 1015) {
    ++closed_by_standard_code[code - 1000];
  } else {
    ++(code >= 4000 ? closed_by_private_code : closed_by_registered_code);
  }
}

websocket_metrics counters::read() const noexcept {
  websocket_metrics now;
  // In this order a socket that ends meanwhile cannot make `open` negative.
  const auto before = ended.value();
  now.opened = opened.value();
  now.opened_over_http2 = opened_over_http2.value();
  now.open = now.opened - std::min(before, now.opened);
  for (std::size_t i = 0; i < closed_by_standard_code.size(); ++i) {
    now.closed_by_standard_code[i] = closed_by_standard_code[i].value();
  }
  now.closed_by_registered_code = closed_by_registered_code.value();
  now.closed_by_private_code = closed_by_private_code.value();
  now.frames_received = frames_received.value();
  now.frames_sent = frames_sent.value();
  now.bytes_received = bytes_received.value();
  now.bytes_sent = bytes_sent.value();
  now.compressed_bytes_received = compressed_bytes_received.value();
  now.inflated_bytes_received = inflated_bytes_received.value();
  now.compressed_bytes_sent = compressed_bytes_sent.value();
  now.uncompressed_bytes_sent = uncompressed_bytes_sent.value();
  now.messages_dropped = messages_dropped.value();
  now.pings_sent = pings_sent.value();
  now.keep_alive_timeouts = keep_alive_timeouts.value();
  now.idle_timeouts = idle_timeouts.value();
  now.send_timeouts = send_timeouts.value();
  now.close_timeouts = close_timeouts.value();
  return now;
}

}  // namespace websockets

websocket_metrics& websocket_metrics::operator+=(const websocket_metrics& other) noexcept {
  opened += other.opened;
  opened_over_http2 += other.opened_over_http2;
  open += other.open;
  std::transform(closed_by_standard_code.begin(), closed_by_standard_code.end(),
                 other.closed_by_standard_code.begin(), closed_by_standard_code.begin(),
                 std::plus<>());
  closed_by_registered_code += other.closed_by_registered_code;
  closed_by_private_code += other.closed_by_private_code;
  frames_received += other.frames_received;
  frames_sent += other.frames_sent;
  bytes_received += other.bytes_received;
  bytes_sent += other.bytes_sent;
  compressed_bytes_received += other.compressed_bytes_received;
  inflated_bytes_received += other.inflated_bytes_received;
  compressed_bytes_sent += other.compressed_bytes_sent;
  uncompressed_bytes_sent += other.uncompressed_bytes_sent;
  messages_dropped += other.messages_dropped;
  pings_sent += other.pings_sent;
  keep_alive_timeouts += other.keep_alive_timeouts;
  idle_timeouts += other.idle_timeouts;
  send_timeouts += other.send_timeouts;
  close_timeouts += other.close_timeouts;
  return *this;
}

}  // namespace saker
