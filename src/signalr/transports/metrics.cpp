#include <saker/signalr/transports/metrics.hpp>

namespace saker::signalr {

connection_metrics::of_transport& connection_metrics::of_transport::operator+=(
    const of_transport& other) noexcept {
  begun += other.begun;
  active += other.active;
  for (std::size_t how = 0; how < ended.size(); ++how) ended[how] += other.ended[how];
  duration += other.duration;
  return *this;
}

connection_metrics& connection_metrics::operator+=(const connection_metrics& other) noexcept {
  websockets += other.websockets;
  server_sent_events += other.server_sent_events;
  long_polling += other.long_polling;
  messages_dropped += other.messages_dropped;
  return *this;
}

}  // namespace saker::signalr
