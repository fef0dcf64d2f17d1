// Who sends thousands of small things at once lets others have their turn: on a server with one
// thread, what is handled between two turns of somebody else is counted.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <vector>

#include <saker/saker.hpp>

#include "support/h2_client.hpp"
#include "support/test_server.hpp"
#include "support/ws_client.hpp"
#include "support/zlib_peer.hpp"

namespace saker::testing {
namespace {

constexpr std::string_view get = "GET /one HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view empty_message{"\x82\x80\0\0\0\0", 6};

std::string many(std::string_view of, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += of;
  return all;
}

class turn_fixture {
 protected:
  explicit turn_fixture(bool secure) : secure_(secure) {}
  static constexpr int most_requests = 128;
  static constexpr int most_messages = 2'048;

  /// The most that was handled between two turns, after all of it had come while the loop was
  /// blocked.
  int most_in_a_turn(int expected, const std::function<void()>& send) {
    expected_ = expected;
    before_ = most_ = 0;
    auto blocking = connect();
    blocking.send_all("GET /block HTTP/1.1\r\nHost: a\r\n\r\n");
    if (!blocked_.try_acquire_for(patience)) throw std::runtime_error("Nothing is handled.");
    try {
      send();
    } catch (...) {
      go_on_.release();
      throw;
    }
    go_on_.release();
    if (!done_.try_acquire_for(patience)) {
      given_up_ = true;
      throw std::runtime_error("Not everything is handled.");
    }
    return most_;
  }

  raw_client connect() const {
    return secure_ ? raw_client::connect_tls(server_.port()) : raw_client::connect(server_.port());
  }
  raw_client open_socket(const std::string& path, const std::string& fields = {}) const {
    auto client = connect();
    client.send_all("GET " + path +
                    " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                    fields + "\r\n");
    EXPECT_NE(client.read_until("\r\n\r\n").find(" 101 "), std::string::npos);
    return client;
  }
  std::string scheme() const { return secure_ ? "https" : "http"; }
  std::shared_ptr<h2_client> connect_http2() const {
    return h2_client::connect(server_.port(), secure_);
  }

 private:
  test_server::configuration configuration() {
    return [this](web_application& app) { configure(app); };
  }
  void configure(web_application& app) {
    http_limits limits;
    limits.http2.max_streams_per_connection = 1'000;
    app.set_limits(limits);
    app.map_get("/block", [this](http_context& context) {
      blocked_.release();
      go_on_.acquire();
      watch();
      return context.response().send("");
    });
    app.map_get("/one", [this](http_context& context) {
      ++handled_;
      return context.response().send("");
    });
    app.map_post("/body", [](http_context& context) -> task<void> {
      co_await context.request().read_all();
      co_await context.response().send("");
    });
    websocket_accept_options options;
    options.dangerous_enable_compression = true;
    app.map_websocket(
        "/messages", [this](websocket& socket) { return receive(socket, false); }, options);
    app.map_websocket("/parts", &turn_fixture::receive_parts, options);
    app.map_websocket("/late", [this](websocket& socket) { return receive(socket, true); });
  }

  task<void> receive(websocket& socket, bool late) {
    if (late) {
      // As much as is read ahead, of frames that count 64 bytes each.
      while (server_.app().websocket_metrics().frames_received < 1'024) {
        co_await delay(std::chrono::milliseconds(1));
      }
    }
    try {
      for (;;) {
        const auto message = co_await socket.receive_message();
        if (message.is_close()) break;
        ++handled_;
      }
    } catch (const websocket_error&) {
      // Without a Close: the end comes behind the messages all the same.
    }
    if (handled_ >= expected_) socket_ended_.release();
  }

  static task<void> receive_parts(websocket& socket) {
    std::vector<std::byte> buffer(16 * 1024 * 1024);
    for (;;) {
      const auto received = co_await socket.receive(buffer);
      if (received.close_status) break;
    }
  }

  void watch() {
    const int now = progress_ ? progress_() : handled_;
    most_ = std::max(most_, now - before_);
    before_ = now;
    if (now < expected_ && !given_up_) {
      event_loop::current()->post([this] { watch(); });
    } else {
      done_.release();
    }
  }

  const bool secure_;
  std::binary_semaphore blocked_{0};
  std::binary_semaphore go_on_{0};
  std::binary_semaphore done_{0};
  int expected_ = 0;
  int handled_ = 0;
  int before_ = 0;
  int most_ = 0;
  std::atomic<bool> given_up_ = false;

 protected:
  std::counting_semaphore<> socket_ended_{0};  ///< Behind all messages.
  void count_inflated() {
    progress_ = [this, before = server_.app().websocket_metrics().inflated_bytes_received] {
      return static_cast<int>(server_.app().websocket_metrics().inflated_bytes_received - before);
    };
  }
  /// What is counted, where that is not what the handlers count.
  std::function<int()> progress_;
  test_server server_ =
      secure_ ? test_server(test_server::secure{}, configuration()) : test_server(configuration());
};

/// The parameter: with TLS.
class server_turn : public turn_fixture, public ::testing::TestWithParam<bool> {
 protected:
  server_turn() : turn_fixture(GetParam()) {}
};

class server_turn_over_tls : public turn_fixture, public ::testing::Test {
 protected:
  server_turn_over_tls() : turn_fixture(true) {}
};

TEST_P(server_turn, is_given_up_between_requests) {
  auto client = connect();
  EXPECT_LE(most_in_a_turn(600, [&] { client.send_all(many(get, 600)); }), most_requests);
}

TEST_P(server_turn, is_given_up_between_requests_behind_a_body) {
  auto client = connect();
  EXPECT_LE(most_in_a_turn(600,
                           [&] {
                             client.send_all(
                                 "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody" +
                                 many(get, 600));
                           }),
            most_requests);
}

TEST_P(server_turn, is_given_up_between_requests_behind_chunks) {
  auto client = connect();
  client.send_all("POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_LE(
      most_in_a_turn(600, [&] { client.send_all("4\r\nbody\r\n0\r\n\r\n" + many(get, 600)); }),
      most_requests);
}

TEST_P(server_turn, is_given_up_between_requests_of_http2) {
  const auto client = connect_http2();
  std::string requests;
  for (int i = 0; i < 1'000; ++i) {
    requests += h2_frame{.type = h2::headers,
                         .flags = h2::end_stream | h2::end_headers,
                         .stream = client->next_stream(),
                         .payload = h2::block(h2::get("/one", scheme()))}
                    .bytes();
  }
  EXPECT_LE(most_in_a_turn(1'000, [&] { client->send_bytes(requests); }), most_requests);
}

TEST_P(server_turn, is_given_up_between_messages) {
  auto client = open_socket("/messages");
  EXPECT_LE(most_in_a_turn(20'000, [&] { client.send_all(many(empty_message, 20'000)); }),
            most_messages);
}

TEST_P(server_turn, is_given_up_between_messages_behind_a_large_one) {
  auto client = open_socket("/messages");
  client.send_all(client_frame{.opcode = 2, .payload = std::string(100'000, 'a')}.bytes());
  EXPECT_LE(most_in_a_turn(20'001, [&] { client.send_all(many(empty_message, 20'000)); }),
            most_messages);
}

TEST_P(server_turn, is_given_up_between_compressed_messages) {
  auto client = open_socket("/messages", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  EXPECT_LE(most_in_a_turn(
                20'000,
                [&] { client.send_all(many(std::string_view("\xc2\x81\0\0\0\0\0", 7), 20'000)); }),
            most_messages);
}

TEST_P(server_turn, is_given_up_between_messages_that_were_read_ahead) {
  auto client = open_socket("/late");
  EXPECT_LE(most_in_a_turn(20'000, [&] { client.send_all(many(empty_message, 20'000)); }),
            most_messages);
}

TEST_P(server_turn, is_given_up_between_messages_over_http2) {
  const auto client = connect_http2();
  const auto id = client->request(h2::connect("/messages", scheme()), false);
  EXPECT_EQ(client->head(id).status(), "200");
  EXPECT_LE(most_in_a_turn(10'000, [&] { client->send_data(id, many(empty_message, 10'000)); }),
            most_messages);
}

TEST_P(server_turn, is_given_up_between_messages_of_many_streams) {
  constexpr int streams = 40;
  constexpr int messages = 500;
  const auto client = connect_http2();
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < streams; ++i) {
    ids.push_back(client->request(h2::connect("/messages", scheme()), false));
    EXPECT_EQ(client->head(ids.back()).status(), "200");
  }
  EXPECT_LE(most_in_a_turn(streams * messages,
                           [&] {
                             for (const auto id : ids)
                               client->send_data(id, many(empty_message, messages));
                           }),
            4'096 + messages);
}

TEST_P(server_turn, is_given_up_within_a_compressed_message) {
  constexpr int size = 8 * 1024 * 1024;
  const auto message =
      client_frame{
          .opcode = 2, .payload = zlib_peer().deflate(std::string(size, 'a')), .reserved = 4}
          .bytes();
  for (const std::string path : {"/messages", "/parts"}) {
    auto client = open_socket(path, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    count_inflated();
    EXPECT_LE(most_in_a_turn(size, [&] { client.send_all(message); }), 256 * 1024) << path;
    client.send_all(client_frame{.opcode = 8, .payload = close_payload(1000)}.bytes());
    EXPECT_EQ(client.read_exactly(4), std::string_view("\x88\x02\x03\xe8", 4));
  }
}

TEST_P(server_turn, is_given_up_within_compressed_messages_of_many_streams) {
  constexpr int streams = 40;
  constexpr int size = 1024 * 1024;
  const auto message =
      client_frame{
          .opcode = 2, .payload = zlib_peer().deflate(std::string(size, 'a')), .reserved = 4}
          .bytes();
  const auto client = connect_http2();
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < streams; ++i) {
    auto fields = h2::connect("/messages", scheme());
    fields.emplace_back("sec-websocket-extensions", "permessage-deflate");
    ids.push_back(client->request(fields, false));
    EXPECT_EQ(client->head(ids.back()).field("sec-websocket-extensions"), "permessage-deflate");
  }
  count_inflated();
  EXPECT_LE(most_in_a_turn(streams * size,
                           [&] {
                             for (const auto id : ids) client->send_data(id, message);
                           }),
            size);
}

TEST_P(server_turn, is_given_up_and_the_end_comes_behind_what_waits) {
  auto client = open_socket("/messages");
  most_in_a_turn(20'000, [&] {
    client.send_all(many(empty_message, 20'000));
    client.half_close();
  });
  EXPECT_TRUE(socket_ended_.try_acquire_for(patience));
}

TEST_P(server_turn, is_given_up_and_the_end_of_a_stream_comes_behind_what_waits) {
  const auto client = connect_http2();
  const auto id = client->request(h2::connect("/messages", scheme()), false);
  EXPECT_EQ(client->head(id).status(), "200");
  most_in_a_turn(10'000, [&] { client->send_data(id, many(empty_message, 10'000), true); });
  EXPECT_TRUE(socket_ended_.try_acquire_for(patience));
}

TEST_P(server_turn, is_given_up_and_all_requests_before_the_end_are_answered) {
  auto client = connect();
  most_in_a_turn(600, [&] {
    client.send_all(many(get, 600));
    client.half_close();
  });
  const auto answers = client.read_to_eof();
  int count = 0;
  for (auto at = answers.find("HTTP/1.1 200"); at != std::string::npos;
       at = answers.find("HTTP/1.1 200", at + 1))
    ++count;
  EXPECT_EQ(count, 600);
}

TEST_F(server_turn_over_tls, is_given_up_between_tiny_records) {
  constexpr int size = 8'000;
  auto client = open_socket("/messages");
  client.send_all(client_frame{.opcode = 2, .announced = size}.bytes());
  progress_ = [this, before = server_.app().websocket_metrics().bytes_received] {
    return static_cast<int>(server_.app().websocket_metrics().bytes_received - before);
  };
  EXPECT_LE(most_in_a_turn(size, [&] { client.send_byte_by_byte(std::string(size, 'a')); }),
            most_messages);
}

INSTANTIATE_TEST_SUITE_P(carriers, server_turn, ::testing::Bool(),
                         [](const auto& each) { return each.param ? "tls" : "tcp"; });

}  // namespace
}  // namespace saker::testing
