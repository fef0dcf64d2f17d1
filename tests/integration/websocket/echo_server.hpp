#pragma once

#include <saker/saker.hpp>

#include <array>
#include <span>

#include "support/test_server.hpp"

namespace saker::testing {

inline task<void> echo_pieces(websocket& socket) {
  std::array<std::byte, 4096> buffer;
  auto received = co_await socket.receive(buffer);
  while (!received.close_status) {
    co_await socket.send(std::span(buffer).first(received.count), received.type,
                         received.end_of_message);
    received = co_await socket.receive(buffer);
  }
  co_await socket.close(*received.close_status, received.close_status_description);
}

inline task<void> echo_messages(websocket& socket) {
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
    co_await socket.send(message);
  }
  const auto status = *socket.close_status();
  const auto description = socket.close_status_description();
  co_await socket.close(status, description);
}

/// Both echoes, at /pieces and /messages.
inline void configure_echoes(web_application& app) {
  app.map_websocket("/pieces", echo_pieces);
  app.map_websocket("/messages", echo_messages);
}

}  // namespace saker::testing
