#include "websocket/close_state.hpp"

#include <string>
#include <system_error>

namespace saker::websockets {

std::exception_ptr connection_loss::exception() const {
  return std::make_exception_ptr(text ? websocket_error(reason, text) : websocket_error(reason));
}

std::exception_ptr canceled() {
  return std::make_exception_ptr(
      std::system_error(std::make_error_code(std::errc::operation_canceled)));
}

void close_state::require(bool legal, std::string_view valid_states) const {
  if (legal) return;
  if (loss_) std::rethrow_exception(loss_->exception());
  throw websocket_error(websocket_errc::invalid_state,
                        "The state of the WebSocket does not allow this operation: it is " +
                            std::string(to_string(state())) + ", and must be " +
                            std::string(valid_states) + ".");
}

}  // namespace saker::websockets
