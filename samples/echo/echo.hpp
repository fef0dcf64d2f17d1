#pragma once

#include <saker/saker.hpp>

#include <array>
#include <span>

/// Sends back what comes, piece by piece, until the peer closes; then closes with its words.
inline saker::task<void> echo(saker::websocket& socket) {
  std::array<std::byte, 4096> buffer;
  auto received = co_await socket.receive(buffer);
  while (!received.close_status) {
    co_await socket.send(std::span(buffer).first(received.count), received.type,
                         received.end_of_message);
    received = co_await socket.receive(buffer);
  }
  co_await socket.close(*received.close_status, received.close_status_description);
}
