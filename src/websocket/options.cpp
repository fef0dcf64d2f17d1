#include <saker/websocket/options.hpp>

#include <stdexcept>
#include <string>

namespace saker {
namespace {

void require_positive(std::size_t value, const char* option) {
  if (value >= 1) return;
  throw std::invalid_argument(std::string("websocket_options::") + option +
                              " must be 1 byte or more.");
}

void require_not_negative(std::chrono::milliseconds value, const char* option) {
  if (value >= std::chrono::milliseconds(0)) return;
  throw std::invalid_argument(std::string("websocket_options::") + option +
                              " must be 0 (off) or more.");
}

}  // namespace

void websocket_options::validate() const {
  require_not_negative(keep_alive_interval, "keep_alive_interval");
  require_not_negative(keep_alive_timeout, "keep_alive_timeout");
  require_not_negative(idle_timeout, "idle_timeout");
  require_not_negative(send_timeout, "send_timeout");
  require_positive(max_message_size, "max_message_size");
  require_positive(send_high_water_mark, "send_high_water_mark");
  require_positive(receive_read_ahead, "receive_read_ahead");
  if (send_buffer_limit < send_high_water_mark) {
    throw std::invalid_argument(
        "websocket_options::send_buffer_limit must not be less than send_high_water_mark.");
  }
  if (overflow_policy == saker::overflow_policy::drop_oldest) {
    throw std::invalid_argument("websocket_options::overflow_policy must not be drop_oldest.");
  }
  if (close_timeout <= std::chrono::milliseconds(0)) {
    throw std::invalid_argument("websocket_options::close_timeout must be more than 0.");
  }
}

}  // namespace saker
