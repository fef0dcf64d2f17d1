// One exchange after the other on a stream of which the n-th operation fails, for every n: nothing
// may crash, hang or be left open.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include <saker/async/event_loop.hpp>
#include <saker/http/pipeline/middleware.hpp>
#include <saker/websocket/manager.hpp>

#include "http/v1/connection.hpp"
#include "observe/log.hpp"
#include "support/conversation.hpp"

namespace saker {
namespace {

constexpr std::string_view http_script =
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc"
    "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

std::string masked(unsigned first, std::string_view payload) {
  std::string frame;
  frame += static_cast<char>(first);
  frame += static_cast<char>(0x80U | payload.size());
  frame.append(4, '\0');
  return frame.append(payload);
}

std::string websocket_script() {
  return "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
         masked(0x81, "hello") + masked(0x01, "frag") + masked(0x89, "ping") +
         masked(0x80, "ment") + masked(0x88, std::string("\x03\xe8", 2) + "bye");
}

task<void> echo_body(http_context& context) {
  const auto body = co_await context.request().read_all();
  if (context.request().path() == "/large") {
    const std::string piece(200, 'x');
    for (int i = 0; i < 5; ++i) co_await context.response().write(piece);
    co_return;
  }
  co_await context.response().send(body);
}

task<void> echo_messages(http_context& context) {
  auto socket = co_await context.websockets().accept();
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
    co_await socket.send(message.bytes(), message.type());
  }
  co_await socket.close();
}

struct counted {
  explicit counted(int& count) : value(count) { ++value; }
  ~counted() { --value; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  int& value;
};

task<void> count_handler(int& running, next rest) {
  const counted here(running);
  co_await rest();
}

class fault_injection : public ::testing::TestWithParam<std::size_t> {
 protected:
  fault_injection() {
    websocket_options sockets;
    sockets.send_high_water_mark = 8;  // So that sends wait for the peer, too.
    application_builder builder;
    builder.use([this](http_context&, next rest) { return count_handler(running_, rest); });
    builder.use(websockets_middleware(sockets));
    builder.map("/ws", [](application_builder& branch) { branch.run(echo_messages); });
    builder.run(echo_body);
    options_.application = builder.build();
    options_.limits.max_response_buffer_size = 64;
  }

  /// Plays the script in pieces of the parameter's size; gives how many operations there were.
  int play(const std::string& script, int fail_at) {
    peer_ = std::make_shared<testing::peer>();
    peer_->faults.fail_at = fail_at;
    script_ = script;
    loop_.post([this] {
      http::v1::connection::start(std::make_unique<testing::stream>(loop_, peer_), options_);
      step(0, 0);
    });
    loop_.run();
    return peer_->faults.operations;
  }

  /// After the script the peer reads what is left, ends its side, and is gone.
  void step(std::size_t sent, int idle) {
    loop_.post([this, sent, idle] {
      const auto piece = std::string_view(script_).substr(sent, GetParam());
      peer_->send(std::as_bytes(std::span(piece)));
      peer_->read(50);
      if (idle == 60) peer_->end();
      if (idle == 100) peer_->reset();
      if (idle == 110) return loop_.stop();
      step(sent + piece.size(), piece.empty() ? idle + 1 : 0);
    });
  }

  void fail_every_operation(const std::string& script, std::string_view last_words) {
    const int operations = play(script, 0);
    EXPECT_NE(peer_->received.find(last_words), std::string::npos) << peer_->received;
    ASSERT_GT(operations, 5);
    for (int n = 1; n <= operations; ++n) {
      play(script, n);
      ASSERT_EQ(loop_.state().open_connections(), 0U) << "operation " << n;
      ASSERT_EQ(running_, 0) << "a handler still runs after operation " << n;
    }
  }

 private:
  int running_ = 0;
  http::connection_options options_;
  const testing::quiet_log quiet_;
  event_loop loop_;
  std::shared_ptr<testing::peer> peer_;
  std::string script_;
};

TEST_P(fault_injection, http_survives_every_failure) {
  fail_every_operation(std::string(http_script), "0\r\n\r\n");
}

TEST_P(fault_injection, websocket_survives_every_failure) {
  fail_every_operation(websocket_script(), "\x88\x02\x03\xe8");
}

INSTANTIATE_TEST_SUITE_P(pieces, fault_injection, ::testing::Values(1, 7, 4096));

}  // namespace
}  // namespace saker
