#pragma once

#include <saker/saker.hpp>

#include <thread>

/// Owns sockets on a thread and an event loop of its own, away from the server's.
class background_processor {
 public:
  background_processor();
  ~background_processor();

  /// Takes the socket over and echoes on it; `finished` is set when it has ended.
  void add_socket(saker::websocket socket, saker::completion_source<> finished);

 private:
  saker::event_loop loop_;
  std::thread thread_;
};
