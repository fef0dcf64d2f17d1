// A whole connection: HTTP/1.1 with a WebSocket echo, on a stream in memory. The input is a list
// of what its peer does; in the end nothing may be left.

#include <array>
#include <optional>
#include <string>

#include <saker/core/event_loop.hpp>
#include <saker/http/middleware.hpp>
#include <saker/websocket/manager.hpp>

#include "core/log.hpp"
#include "fuzz_input.hpp"
#include "http1/connection.hpp"
#include "support/memory_stream.hpp"

namespace {

using saker::fuzz::require;

saker::task<void> echo_pieces(saker::websocket& socket) {
  std::array<std::byte, 64> buffer;
  auto received = co_await socket.receive(buffer);
  while (!received.close_status) {
    co_await socket.send(std::span(buffer).first(received.count), received.type,
                         received.end_of_message);
    received = co_await socket.receive(buffer);
  }
  co_await socket.close(*received.close_status, received.close_status_description);
}

saker::task<void> echo_messages(saker::websocket& socket) {
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
    co_await socket.send(message.bytes(), message.type());
  }
}

saker::task<void> serve_socket(saker::http_context& context) {
  if (!context.websockets().is_websocket_request()) {
    context.response().set_status(400);
    co_return;
  }
  const auto path = std::string(context.request().path());
  auto socket = co_await context.websockets().accept();
  if (path == "/messages") {
    co_await echo_messages(socket);
  } else if (path == "/close") {
    co_await socket.send("bye");
    co_await socket.close();
  } else {
    co_await echo_pieces(socket);
  }
}

saker::task<void> echo_body(saker::http_context& context) {
  if (context.request().path() == "/ignore") {
    co_await context.response().send("ignored");
    co_return;
  }
  if (context.request().path() == "/all") {
    const auto body = co_await context.request().read_all(1024);
    co_await context.response().send(body, "text/plain");
    co_return;
  }
  std::array<std::byte, 100> buffer;
  for (;;) {
    const auto count = co_await context.request().read(buffer);
    if (count == 0) break;
    co_await context.response().write(std::span<const std::byte>(buffer).first(count));
  }
}

saker::http1::connection_options make_options() {
  saker::application_builder builder;
  saker::websocket_options sockets;
  sockets.max_message_size = 4096;
  sockets.send_high_water_mark = 256;
  sockets.receive_read_ahead = 256;
  builder.use(saker::websockets_middleware(sockets));
  builder.map("/ws", [](saker::application_builder& branch) { branch.run(serve_socket); });
  builder.run(echo_body);
  saker::http1::connection_options options;
  options.application = builder.build();
  options.limits.max_request_body_size = 8192;
  options.limits.max_response_buffer_size = 256;
  options.limits.max_request_buffer_size = 256;
  return options;
}

/// One loop and one application for all inputs; one step of the script per turn of the loop.
class world {
 public:
  world() { saker::core::set_log_level(saker::core::log_level::off); }

  void run(saker::fuzz::input input) {
    peer_ = std::make_shared<saker::testing::peer>();
    input_.emplace(input);
    splits_ = input_->splits();
    reading_all_ = false;
    sending_ = 0;
    ending_ = 0;
    loop_.post([this] {
      saker::http1::connection::start(std::make_unique<saker::testing::stream>(loop_, peer_),
                                      options_);
      post_step();
    });
    loop_.run();
    require(loop_.state().open_connections() == 0, "no connection is left open");
    require(!peer_->is_connected(), "no stream is left");
  }

 private:
  void post_step() {
    loop_.post([this] {
      const bool more = sending_ > 0 || (input_->rest().empty() ? end() : step());
      if (more) {
        post_step();
      } else {
        loop_.stop();
      }
    });
  }

  /// One byte says what the peer does. A length of data follows that of bytes to send.
  bool step() {
    const auto choice = input_->byte();
    switch (choice >> 5) {
      case 0: send_later(input_->bytes((choice & 31U) + 1U)); break;
      case 1: send_later(input_->bytes((choice & 31U) * 32U)); break;
      case 2: peer_->read(choice & 31U); break;
      case 3: peer_->read((choice & 31U) * 1024U); break;
      case 4: break;  // A pause: a turn without events.
      case 5:
        if (choice == 0xA5) peer_->end();
        if (choice == 0xAA) peer_->reset();
        if (choice == 0xAC) loop_.state().request_stop();
        break;
      default:  // All the rest in the pieces of the splits, read at once.
        reading_all_ = true;
        send_later(input_->bytes(input_->rest().size()));
        break;
    }
    return true;
  }

  void send_later(std::span<const std::byte> data) {
    if (data.empty()) return;
    const auto size = splits_.next(data.size());
    peer_->send(data.first(size));
    if (size == data.size()) return;
    ++sending_;
    loop_.post([this, rest = data.subspan(size)] {
      --sending_;
      if (reading_all_) peer_->read(saker::fuzz::ended);
      send_later(rest);
    });
  }

  /// The peer reads everything, sends its end, and at last is gone.
  bool end() {
    ++ending_;
    if (ending_ < 8) {
      peer_->read(saker::fuzz::ended);
    } else if (ending_ == 8) {
      peer_->end();
    } else if (ending_ < 16) {
      peer_->read(saker::fuzz::ended);
    } else if (ending_ == 16) {
      peer_->reset();
    }
    return ending_ < 20;
  }

  const saker::http1::connection_options options_ = make_options();
  saker::event_loop loop_;
  std::shared_ptr<saker::testing::peer> peer_;
  std::optional<saker::fuzz::input> input_;
  saker::fuzz::splitter splits_;
  bool reading_all_ = false;
  int sending_ = 0;
  int ending_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static world instance;
  instance.run(saker::fuzz::input(data, size));
  return 0;
}
