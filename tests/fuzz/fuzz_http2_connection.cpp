// A whole connection of HTTP/2, with requests and WebSockets on its streams, on a stream in memory.

#include <nghttp2/nghttp2.h>

#include <saker/http/pipeline/middleware.hpp>

#include <string>
#include <string_view>

#include "connection_world.hpp"
#include "http/v2/connection.hpp"

namespace {

constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::string_view empty_settings("\0\0\0\4\0\0\0\0\0", 9);

saker::task<void> answer(saker::http_context& context) {
  const auto path = context.request().path();
  if (path == "/large") {
    for (int i = 0; i < 10; ++i) co_await context.response().write(std::string(1000, 'x'));
    co_return;
  }
  if (path == "/fails") throw std::runtime_error("no");
  if (path == "/abort") {
    context.abort();
    co_return;
  }
  const auto body = co_await context.request().read_all(1024);
  context.response().append_trailer("a", "b");
  co_await context.response().send(body, "text/plain");
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
  builder.run(answer);
  saker::http::connection_options options;
  options.application = builder.build();
  options.limits.max_request_body_size = 8192;
  options.limits.max_response_buffer_size = 256;
  options.limits.http2.max_streams_per_connection = 5;
  options.limits.http2.max_connection_buffer_size = 1000;
  options.limits.http2.stream_reset_burst = 20;
  options.limits.http2.control_frame_burst = 50;
  return options;
}

void append_number(std::string& text, std::uint32_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift);
  }
}

std::string frame(unsigned type, unsigned flags, std::uint32_t stream, std::string_view payload) {
  std::string text;
  append_number(text, static_cast<std::uint32_t>(payload.size()), 3);
  append_number(text, type, 1);
  append_number(text, flags, 1);
  append_number(text, stream, 4);
  return text.append(payload);
}

void append_field(std::string& block, std::string_view name, std::string_view value) {
  block += '\0';
  append_number(block, static_cast<std::uint32_t>(name.size()), 1);
  block += name;
  append_number(block, static_cast<std::uint32_t>(value.size()), 1);
  block += value;
}

std::string request(std::string_view path, bool socket) {
  std::string block;
  append_field(block, ":method", socket ? "CONNECT" : "POST");
  if (socket) append_field(block, ":protocol", "websocket");
  append_field(block, ":scheme", "http");
  append_field(block, ":path", path);
  append_field(block, ":authority", "a");
  if (socket) append_field(block, "sec-websocket-version", "13");
  return block;
}

class http2_world final : public saker::fuzz::connection_world {
 public:
  http2_world() : connection_world(make_options()) {}

 private:
  void start(std::unique_ptr<saker::io::byte_stream> stream,
             const saker::http::connection_options& options) override {
    saker::http::v2::connection::start(std::move(stream), options);
  }
  void begin() override {
    next_stream_ = 1;
    send(std::string(preface) + std::string(empty_settings));
  }

  /// What is sent must live until it has left.
  void send(std::string text) {
    for (auto rest = std::as_bytes(std::span(text)); !rest.empty();) {
      const auto size = saker::fuzz::forced_piece != 0
                            ? std::min(rest.size(), saker::fuzz::forced_piece)
                            : rest.size();
      peer_->send(rest.first(size));
      rest = rest.subspan(size);
    }
  }
  std::uint32_t stream_of(saker::fuzz::input& script) const {
    return 2U * (script.byte() & 7U) + 1U;
  }
  static std::string text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  void open(std::string_view path, bool socket, unsigned flags) {
    send(frame(NGHTTP2_HEADERS, flags, next_stream_, request(path, socket)));
    next_stream_ += 2;
  }

  void step(saker::fuzz::input& script) override {
    static constexpr std::string_view paths[] = {"/",      "/ws/",   "/ws/messages", "/ws/close",
                                                 "/large", "/fails", "/abort",       "/none"};
    const auto choice = script.byte();
    const auto argument = choice & 7U;
    switch (choice >> 3) {
      case 0:
        open(paths[argument], false, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM);
        break;
      case 1: open(paths[argument], false, NGHTTP2_FLAG_END_HEADERS); break;
      case 2:
      case 3: open(paths[argument], true, NGHTTP2_FLAG_END_HEADERS); break;
      case 4:
        send(frame(NGHTTP2_DATA, 0, stream_of(script), text_of(script.bytes(argument * 8))));
        break;
      case 5:
        send(frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, stream_of(script),
                   text_of(script.bytes(argument * 8))));
        break;
      case 6: {
        const auto size = script.byte() * 64U;
        send(frame(NGHTTP2_DATA, 0, stream_of(script), std::string(size, '\x82')));
        break;
      }
      case 7: send(frame(NGHTTP2_RST_STREAM, 0, stream_of(script), "\0\0\0\x08")); break;
      case 8: {
        std::string increment;
        append_number(increment, script.byte() * 100U, 4);
        send(frame(NGHTTP2_WINDOW_UPDATE, 0, argument < 4 ? 0 : stream_of(script), increment));
        break;
      }
      case 9: {
        std::string setting;
        append_number(setting, argument, 2);
        append_number(setting, script.byte() * 100U, 4);
        send(frame(NGHTTP2_SETTINGS, 0, 0, setting));
        break;
      }
      case 10:
        send(frame(script.byte(), script.byte(), argument, text_of(script.bytes(script.byte()))));
        break;
      case 11: send(frame(NGHTTP2_PING, argument & 1U, 0, "12345678")); break;
      case 12:
        send(frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM,
                   stream_of(script), text_of(script.bytes(argument * 8))));
        break;
      case 13: peer_->read(argument * 16U); break;
      case 14: peer_->read(argument * 4096U); break;
      case 15: break;  // A pause: a turn without events.
      case 16:
        if (argument == 1) peer_->end();
        if (argument == 2) peer_->reset();
        if (argument == 3) loop_->state().request_stop();
        break;
      case 17: send(text_of(script.bytes(script.byte()))); break;
      default:  // All the rest as it is, read at once.
        read_all_from_now();
        send_later(script.bytes(script.rest().size()));
        break;
    }
  }

  std::uint32_t next_stream_ = 1;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static http2_world instance;
  instance.run(saker::fuzz::input(data, size));
  return 0;
}
