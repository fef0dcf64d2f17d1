#pragma once

#include <saker/websocket/websocket.hpp>

namespace saker::websockets {

// A receive is one of two; `whole_message_` says which.

inline receive_operation& part_of(receive_base& operation) {
  return static_cast<receive_operation&>(operation);
}

inline receive_message_operation& whole_of(receive_base& operation) {
  return static_cast<receive_message_operation&>(operation);
}

}  // namespace saker::websockets
