// A whole connection: HTTP/1.1 with a WebSocket echo, on a stream in memory.

#include <saker/http/pipeline/middleware.hpp>

#include "connection_world.hpp"

namespace {

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

saker::http::connection_options make_options() {
  saker::application_builder builder;
  saker::websocket_options sockets;
  sockets.max_message_size = 4096;
  sockets.send_high_water_mark = 256;
  sockets.receive_read_ahead = 256;
  builder.use(saker::websockets_middleware(sockets));
  builder.map("/ws", [](saker::application_builder& branch) {
    branch.run([](saker::http_context& context) { return saker::fuzz::serve_socket(context, {}); });
  });
  builder.run(echo_body);
  saker::http::connection_options options;
  options.application = builder.build();
  options.limits.max_request_body_size = 8192;
  options.limits.max_response_buffer_size = 256;
  options.limits.max_request_buffer_size = 256;
  return options;
}

class scripted_world final : public saker::fuzz::connection_world {
 public:
  scripted_world() : connection_world(make_options()) {}

 private:
  /// One byte says what the peer does. A length of data follows that of bytes to send.
  void step(saker::fuzz::input& script) override {
    const auto choice = script.byte();
    switch (choice >> 5) {
      case 0: send_later(script.bytes((choice & 31U) + 1U)); break;
      case 1: send_later(script.bytes((choice & 31U) * 32U)); break;
      case 2: peer_->read(choice & 31U); break;
      case 3: peer_->read((choice & 31U) * 1024U); break;
      case 4: break;  // A pause: a turn without events.
      case 5:
        if (choice == 0xA5) peer_->end();
        if (choice == 0xAA) peer_->reset();
        if (choice == 0xAC) loop_->state().request_stop();
        break;
      default:  // All the rest in the pieces of the splits, read at once.
        read_all_from_now();
        send_later(script.bytes(script.rest().size()));
        break;
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static scripted_world instance;
  instance.run(saker::fuzz::input(data, size));
  return 0;
}
