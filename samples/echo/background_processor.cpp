#include "background_processor.hpp"

#include "echo.hpp"

namespace {

saker::task<void> process(saker::websocket socket, saker::completion_source<> finished) {
  try {
    co_await echo(socket);
  } catch (const saker::websocket_error&) {
    // The peer has gone: nothing is left to do for it.
  }
  finished.set_value();
}

}  // namespace

background_processor::background_processor() : thread_([this] { loop_.run(); }) {}

background_processor::~background_processor() {
  loop_.stop();
  thread_.join();
}

void background_processor::add_socket(saker::websocket socket,
                                      saker::completion_source<> finished) {
  saker::spawn(loop_, process(std::move(socket), std::move(finished)));
}
