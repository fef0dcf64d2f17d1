#pragma once

#include <saker/saker.hpp>

#include <functional>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {

/// One handler at /ws; what it reports comes through a promise.
template <class Result>
class one_handler {
 public:
  using handler = std::function<task<Result>(websocket&, http_context&)>;

  explicit one_handler(handler work, websocket_options options = {},
                       websocket_accept_options accept_options = {})
      : work_(std::move(work)), server_([&](web_application& app) {
          app.use_websockets(options);
          app.map_websocket(
              "/ws",
              [this](websocket& socket, http_context& context) { return run(socket, context); },
              accept_options);
        }) {}

  std::uint16_t port() const { return server_.port(); }
  Result result() {
    auto future = promise_.get_future();
    if (future.wait_for(patience) != std::future_status::ready) {
      throw std::runtime_error("The handler has not ended.");
    }
    return future.get();
  }

 private:
  task<void> run(websocket& socket, http_context& context) {
    try {
      promise_.set_value(co_await work_(socket, context));
    } catch (...) {
      promise_.set_exception(std::current_exception());
    }
  }

  std::promise<Result> promise_;
  handler work_;
  test_server server_;
};

/// The text of what the operation throws.
template <class Operation>
task<std::string> failure_of(Operation operation) {
  try {
    co_await operation();
  } catch (const std::exception& error) {
    co_return error.what();
  }
  co_return "nothing";
}

/// Takes what comes until the peer closes. (g++ 12 destroys what a co_await in the condition of a
/// loop gives twice.)
inline task<void> receive_until_close(websocket& socket) {
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
  }
}

}  // namespace saker::testing
