// The end of a real connection stands behind what has arrived, while the handler is busy. (What
// becomes of each end in detail is in the unit tests, on a stream in memory.)

#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <string>
#include <thread>
#include <vector>

#include <saker/async/completion_source.hpp>

#include "support/h2_client.hpp"
#include "support/ws_client.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

using strings = std::vector<std::string>;

/// What a handler receives that was busy until everything had arrived.
class late_receiver {
 public:
  explicit late_receiver(bool secure = false) {
    const auto configure = [this](web_application& app) {
      app.use_websockets();
      app.map_websocket("/ws", [this](websocket& socket, http_context& context) {
        return receive(socket, context);
      });
    };
    if (secure) {
      server_ = std::make_unique<test_server>(test_server::secure{}, configure);
    } else {
      server_ = std::make_unique<test_server>(configure);
    }
  }

  std::uint16_t port() const { return server_->port(); }
  /// Lets the handler go as soon as it knows of the end, or at once.
  strings result(bool when_gone) {
    if (when_gone && gone_.get_future().wait_for(patience) != std::future_status::ready) {
      throw std::runtime_error("The handler has not been told of the end.");
    }
    busy_.set_value();
    auto future = seen_.get_future();
    if (future.wait_for(patience) != std::future_status::ready) {
      throw std::runtime_error("The handler has not ended.");
    }
    return future.get();
  }

 private:
  task<void> receive(websocket& socket, http_context& context) {
    std::stop_callback gone(context.request_aborted(), [this] { gone_.set_value(); });
    strings seen;
    co_await busy_;
    try {
      for (;;) {
        const auto message = co_await socket.receive_message();
        if (message.is_close()) break;
        seen.emplace_back(message.text());
      }
      seen.push_back("close " + std::to_string(static_cast<int>(*socket.close_status())));
      co_await socket.close(*socket.close_status());
    } catch (const websocket_error& error) {
      seen.push_back(error.code().message());
    }
    seen_.set_value(seen);
  }

  completion_source<> busy_;
  std::promise<void> gone_;
  std::promise<strings> seen_;
  std::unique_ptr<test_server> server_;
};

const std::string early_end =
    "The remote party closed the WebSocket connection without completing "
    "the close handshake.";

std::string five_messages() {
  std::string all;
  for (int i = 0; i < 5; ++i) all += client_frame{.payload = "m" + std::to_string(i)}.bytes();
  return all;
}

std::string going_away() {
  return client_frame{.opcode = 8, .payload = close_payload(1001, "bye")}.bytes();
}

strings five_and(const std::string& last) { return {"m0", "m1", "m2", "m3", "m4", last}; }

class websocket_ending : public ::testing::TestWithParam<bool> {};

TEST_P(websocket_ending, in_order_is_answered_although_the_client_has_ended) {
  late_receiver handler(GetParam());
  auto client =
      ws_client::over(GetParam() ? carrier::http1_tls : carrier::http1, handler.port(), "/ws");
  client.channel().send_all(five_messages() + going_away());
  client.raw().half_close();
  EXPECT_EQ(handler.result(false), five_and("close 1001"));
  const auto answer = client.read_frame();
  EXPECT_EQ(answer.opcode, 8U);
  EXPECT_EQ(answer.payload, close_payload(1001));
}

TEST_P(websocket_ending, without_a_close_is_told_and_stands_behind_the_messages) {
  late_receiver handler(GetParam());
  auto client =
      ws_client::over(GetParam() ? carrier::http1_tls : carrier::http1, handler.port(), "/ws");
  client.channel().send_all(five_messages());
  client.raw().half_close();
  EXPECT_EQ(handler.result(true), five_and(early_end));
}

INSTANTIATE_TEST_SUITE_P(plain_and_tls, websocket_ending, ::testing::Bool());

TEST(websocket_ending, by_a_reset_stands_behind_more_than_is_read_ahead) {
  late_receiver handler;
  ws_client client(handler.port());
  constexpr std::size_t count = 900;
  std::string messages;
  for (std::size_t i = 0; i < count; ++i)
    messages += client_frame{.payload = std::string(100, 'x')}.bytes();
  client.channel().send_all(messages);
  // A reset takes back what has not arrived.
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (int left = 1; left != 0;) {
    ASSERT_EQ(::ioctl(client.raw().descriptor(), SIOCOUTQ, &left), 0);
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
  client.raw().reset();
  strings all(count, std::string(100, 'x'));
  all.push_back(early_end);
  EXPECT_EQ(handler.result(true), all);
}

TEST(websocket_ending, with_end_stream_is_answered) {
  late_receiver handler;
  const auto client = h2_client::connect(handler.port());
  const auto id = client->request(h2::connect("/ws"), false);
  client->head(id);
  client->send_data(id, five_messages() + going_away(), true);
  client->round_trip();
  EXPECT_EQ(handler.result(false), five_and("close 1001"));
  auto& answer = client->finished(id);
  EXPECT_TRUE(answer.ended);
  EXPECT_FALSE(answer.reset);
}

TEST(websocket_ending, by_a_reset_stream_stands_behind_the_messages) {
  late_receiver handler;
  const auto client = h2_client::connect(handler.port());
  const auto id = client->request(h2::connect("/ws"), false);
  client->head(id);
  client->send_data(id, five_messages());
  client->send({.type = h2::reset, .stream = id, .payload = h2::number(NGHTTP2_CANCEL)});
  EXPECT_EQ(handler.result(true), five_and(early_end));
}

TEST(websocket_ending, in_the_middle_of_a_frame_is_told_over_http2) {
  late_receiver handler;
  const auto client = h2_client::connect(handler.port());
  const auto id = client->request(h2::connect("/ws"), false);
  client->head(id);
  client->send_data(id, five_messages() + client_frame{.payload = "half"}.bytes().substr(0, 3),
                    true);
  EXPECT_EQ(handler.result(true), five_and(early_end));
}

}  // namespace
}  // namespace saker::testing
