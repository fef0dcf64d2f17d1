// A whole connection that has agreed to permessage-deflate. The input is a list of frames, some of
// them compressed for it, some of them garbage.

#include <saker/http/pipeline/middleware.hpp>

#include <string>
#include <string_view>

#include "connection_world.hpp"
#include "support/zlib_peer.hpp"

namespace {

using saker::fuzz::input;

constexpr std::string_view offers[] = {
    "permessage-deflate",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9",
    "permessage-deflate; client_no_context_takeover",
};
constexpr std::string_view paths[] = {"/messages", "/pieces", "/close", "/messages"};

saker::http::connection_options make_options() {
  saker::application_builder builder;
  saker::websocket_options sockets;
  sockets.max_message_size = 4096;
  sockets.send_high_water_mark = 256;
  sockets.receive_read_ahead = 256;
  sockets.compression_threshold = 8;
  builder.use(saker::websockets_middleware(sockets));
  builder.run([](saker::http_context& context) {
    return saker::fuzz::serve_socket(context, {.dangerous_enable_compression = true});
  });
  saker::http::connection_options options;
  options.application = builder.build();
  return options;
}

class compressed_world final : public saker::fuzz::connection_world {
 public:
  compressed_world() : connection_world(make_options()) {}

  /// The first byte chooses what is agreed, and the echo.
  void run_with(input script) {
    const auto choice = script.byte();
    offer_ = offers[choice & 3U];
    path_ = paths[choice >> 2 & 3U];
    zlib_.emplace((choice & 3U) == 2 ? 9 : 15);
    run(script);
  }

 private:
  void begin() override {
    const std::string head =
        "GET " + std::string(path_) +
        " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Extensions: " +
        std::string(offer_) + "\r\n\r\n";
    peer_->send(std::as_bytes(std::span(head)));
  }

  /// One byte says what kind of step; a frame's first byte and length follow.
  void step(input& script) override {
    const auto choice = script.byte();
    switch (choice >> 6) {
      case 0: send_frame(script, choice & 1U, choice & 2U); break;
      case 1: repeat_frame(script, choice & 63U); break;
      case 2: peer_->read((choice & 63U) * 64U); break;
      default:
        if (choice == 0xE5) peer_->end();
        if (choice == 0xEA) peer_->reset();
        if (choice == 0xEC) loop_->state().request_stop();
        break;
    }
  }

  void send_frame(input& script, bool compressed, bool final_block) {
    const auto first = script.byte();
    const auto data = script.bytes(script.byte());
    const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
    const bool fin = (first & 0x80U) != 0;
    if (!compressed) {
      frame(first, text);
    } else if (final_block && fin) {
      frame(first, zlib_->deflate_final(text));
    } else {
      frame(first, zlib_->deflate(text, fin));
    }
  }

  /// A message that inflates to much more than it is.
  void repeat_frame(input& script, std::size_t blocks) {
    const std::string text(blocks * 128, static_cast<char>(script.byte()));
    frame(0xC2, zlib_->deflate(text));
  }

  void frame(unsigned first, std::string_view payload) {
    std::string bytes;
    bytes += static_cast<char>(first);
    if (payload.size() <= 125) {
      bytes += static_cast<char>(0x80U | payload.size());
    } else {
      bytes += static_cast<char>(0x80U | 126U);
      bytes += static_cast<char>(payload.size() >> 8);
      bytes += static_cast<char>(payload.size());
    }
    bytes.append(4, '\0');
    bytes += payload;
    peer_->send(std::as_bytes(std::span(bytes)));
  }

  std::string_view offer_;
  std::string_view path_;
  std::optional<saker::testing::zlib_peer> zlib_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static compressed_world instance;
  instance.run_with(saker::fuzz::input(data, size));
  return 0;
}
