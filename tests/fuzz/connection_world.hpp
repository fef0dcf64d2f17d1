#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <saker/async/event_loop.hpp>
#include <saker/http/exchange/context.hpp>
#include <saker/websocket/manager.hpp>

#include "fuzz_input.hpp"
#include "http/v1/connection.hpp"
#include "observe/log.hpp"
#include "support/memory_stream.hpp"

namespace saker::fuzz {

// A whole connection on a stream in memory. The input is a list of what its peer does; in the end
// nothing may be left.

inline task<void> echo_pieces(websocket& socket) {
  std::array<std::byte, 64> buffer;
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
    co_await socket.send(message.bytes(), message.type());
  }
}

inline task<void> serve_socket(http_context& context, websocket_accept_options options) {
  if (!context.websockets().is_websocket_request()) {
    context.response().set_status(400);
    co_return;
  }
  const auto path = std::string(context.request().path());
  auto socket = co_await context.websockets().accept(options);
  if (path == "/messages") {
    co_await echo_messages(socket);
  } else if (path == "/close") {
    co_await socket.send("bye");
    co_await socket.close();
  } else {
    co_await echo_pieces(socket);
  }
}

/// One loop and one application for all inputs; one step of the script per turn of the loop.
class connection_world {
 public:
  explicit connection_world(http::connection_options options) : options_(std::move(options)) {
    observe::set_log_level(observe::log_level::off);
  }

  void run(input input) {
    peer_ = std::make_shared<testing::peer>();
    input_.emplace(input);
    splits_ = input_->splits();
    reading_all_ = false;
    sending_ = 0;
    ending_ = 0;
    // What has been stopped stays so.
    if (loop_->state().is_stopping()) loop_ = std::make_unique<event_loop>();
    loop_->post([this] {
      start(std::make_unique<testing::stream>(*loop_, peer_), options_);
      begin();
      post_step();
    });
    loop_->run();
    require(loop_->state().open_connections() == 0, "no connection is left open");
    require(!peer_->is_connected(), "no stream is left");
  }

 protected:
  ~connection_world() = default;

  virtual void start(std::unique_ptr<io::byte_stream> stream,
                     const http::connection_options& options) {
    http::v1::connection::start(std::move(stream), options);
  }
  /// What the peer does first.
  virtual void begin() {}
  /// What it does next, as the input says. There is input left.
  virtual void step(input& script) = 0;

  void send_later(std::span<const std::byte> data) {
    if (data.empty()) return;
    const auto size = splits_.next(data.size());
    peer_->send(data.first(size));
    if (size == data.size()) return;
    ++sending_;
    loop_->post([this, rest = data.subspan(size)] {
      --sending_;
      if (reading_all_) peer_->read(ended);
      send_later(rest);
    });
  }

  void read_all_from_now() noexcept { reading_all_ = true; }

  std::shared_ptr<testing::peer> peer_;
  std::unique_ptr<event_loop> loop_ = std::make_unique<event_loop>();

 private:
  void post_step() {
    loop_->post([this] {
      const bool more = sending_ > 0 || next();
      if (more) {
        post_step();
      } else {
        loop_->stop();
      }
    });
  }

  bool next() {
    if (input_->rest().empty()) return end();
    step(*input_);
    return true;
  }

  /// The peer reads everything, sends its end, and at last is gone.
  bool end() {
    ++ending_;
    if (ending_ < 8) {
      peer_->read(ended);
    } else if (ending_ == 8) {
      peer_->end();
    } else if (ending_ < 16) {
      peer_->read(ended);
    } else if (ending_ == 16) {
      peer_->reset();
    }
    return ending_ < 20;
  }

  const http::connection_options options_;
  std::optional<input> input_;
  splitter splits_;
  bool reading_all_ = false;
  int sending_ = 0;
  int ending_ = 0;
};

}  // namespace saker::fuzz
