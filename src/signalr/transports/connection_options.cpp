#include <saker/signalr/transports/connection_options.hpp>

#include <stdexcept>

namespace saker::signalr {
namespace {

using namespace std::chrono_literals;

void require(bool holds, const char* option, const char* allowed) {
  if (holds) return;
  throw std::invalid_argument("connection_options::" + std::string(option) + " must be " + allowed +
                              ".");
}

}  // namespace

void connection_options::validate() const {
  require(includes(all_transports, transports), "transports", "at least one transport");
  require(transport_max_buffer_size >= 1, "transport_max_buffer_size", "1 byte or more");
  require(application_max_buffer_size >= 1, "application_max_buffer_size", "1 byte or more");
  require(transport_send_timeout >= 0ms, "transport_send_timeout", "0 (never) or more");
  require(websocket_close_timeout > 0ms, "websocket_close_timeout", "more than 0");
  require(poll_timeout >= 1s, "poll_timeout", "1 s or more");
  require(disconnect_timeout >= 1s, "disconnect_timeout", "1 s or more");
  require(maximum_waiting_connections >= 1, "maximum_waiting_connections", "1 or more");
  require(send_buffer_limit >= transport_max_buffer_size, "send_buffer_limit",
          "transport_max_buffer_size or more");
  require(process_send_buffer_limit >= send_buffer_limit, "process_send_buffer_limit",
          "send_buffer_limit or more");
}

}  // namespace saker::signalr
