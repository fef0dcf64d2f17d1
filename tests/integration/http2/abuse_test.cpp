// Clients that misuse HTTP/2: each limit of http2_limits, and what goes over it.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <saker/saker.hpp>

#include "support/h2_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

std::string get_frame(std::uint32_t id, std::string_view path = "/hello") {
  return h2_frame{.type = h2::headers,
                  .flags = h2::end_headers | h2::end_stream,
                  .stream = id,
                  .payload = h2::block(h2::get(path))}
      .bytes();
}

class http2_abuse : public ::testing::Test {
 protected:
  void start(const http_limits& limits = {}) {
    server_ = std::make_unique<test_server>([&](web_application& app) {
      app.set_limits(limits);
      app.map_get("/hello", [](http_context& context) { return context.response().send("hello"); });
      app.map_get("/waits", [this](http_context& context) -> task<void> {
        ++waiting_;
        co_await go_on_;
        co_await context.response().send("done");
      });
      app.map_websocket("/socket", [this](websocket) -> task<void> {
        ++waiting_;
        co_await go_on_;
      });
      app.map("/body", [](http_context& context) -> task<void> {
        const auto body = co_await context.request().read_all(100'000'000);
        co_await context.response().send(std::to_string(body.size()));
      });
      app.map_get("/large", [](http_context& context) {
        return context.response().send(std::string(1'000'000, 'x'));
      });
    });
    client_ = h2_client::connect(server_->port());
  }
  void TearDown() override {
    go_on_.try_set_value();
    client_.reset();  // The server waits a moment for clients to end their side.
    server_.reset();
  }
  /// The same bytes, over and over, until the server has had enough of them.
  void flood(const std::function<std::string(std::uint32_t)>& bytes, std::uint32_t code,
             std::uint32_t most = 20'000) {
    std::uint32_t round = 0;
    while (round < most && client_->try_send_bytes(bytes(round))) ++round;
    client_->expect_connection_error(code);
    // Others are served.
    const auto other = h2_client::connect(server_->port());
    EXPECT_EQ(other->finished(other->request(h2::get("/hello"))).data, "hello");
  }

  completion_source<> go_on_;
  std::atomic<int> waiting_ = 0;
  std::unique_ptr<test_server> server_;
  std::shared_ptr<h2_client> client_;
};

constexpr auto calm = NGHTTP2_ENHANCE_YOUR_CALM;

TEST_F(http2_abuse, rapid_reset) {
  start();
  flood(
      [](std::uint32_t round) {
        const auto id = 2 * round + 1;
        return get_frame(id) +
               h2_frame{.type = h2::reset, .stream = id, .payload = h2::number(8)}.bytes();
      },
      calm);
}

TEST_F(http2_abuse, resets_that_the_server_is_made_to_send) {
  start();
  flood(
      [](std::uint32_t round) {
        const auto id = 2 * round + 1;
        return get_frame(id, "/waits") +
               h2_frame{.type = h2::window_update, .stream = id, .payload = h2::number(0x7fffffff)}
                   .bytes();
      },
      calm);
}

TEST_F(http2_abuse, reset_streams_that_still_run_in_the_application) {
  start({.http2 = {.max_streams_per_connection = 10}});
  flood(
      [](std::uint32_t round) {
        const auto id = 2 * round + 1;
        return get_frame(id, "/waits") +
               h2_frame{.type = h2::reset, .stream = id, .payload = h2::number(8)}.bytes();
      },
      calm);
  EXPECT_LE(waiting_, 100) << "the application is not asked for more";
}

// Their requests have gone, but not their handlers.
TEST_F(http2_abuse, reset_sockets_whose_handlers_still_run) {
  start({.http2 = {.max_streams_per_connection = 10}});
  constexpr int most = 100;
  for (int i = 0; i < most; ++i) {
    const auto id = client_->request(h2::connect("/socket"), false);
    ASSERT_EQ(client_->head(id).status(), "200") << i;
    client_->send({.type = h2::reset, .stream = id, .payload = h2::number(NGHTTP2_CANCEL)});
  }
  client_->expect_reset(client_->request(h2::connect("/socket"), false), calm);
  EXPECT_EQ(waiting_, most);
  go_on_.set_value();
  const auto other = h2_client::connect(server_->port());
  EXPECT_EQ(other->finished(other->request(h2::get("/hello"))).data, "hello");
}

TEST_F(http2_abuse, floods_of_frames_that_carry_nothing) {
  const auto open = [](std::uint32_t round) {
    auto fields = h2::get("/body");
    return round > 0 ? std::string()
                     : h2_frame{.type = h2::headers,
                                .flags = h2::end_headers,
                                .stream = 1,
                                .payload = h2::block(fields)}
                           .bytes();
  };
  const std::vector<h2_frame> floods = {
      {.type = h2::ping, .payload = "12345678"},
      {.type = h2::ping, .flags = h2::ack, .payload = "12345678"},
      {.type = h2::settings},
      {.type = h2::priority, .stream = 1, .payload = std::string(5, '\0')},
      {.type = h2::data, .stream = 1},
      {.type = h2::window_update, .payload = h2::number(1)},
  };
  for (const auto& each : floods) {
    client_.reset();
    start();
    flood([&](std::uint32_t round) { return open(round) + each.bytes(); }, calm);
  }
}

TEST_F(http2_abuse, answers_that_the_client_does_not_read) {
  start({.http2 = {.control_frame_burst = 10'000'000, .max_queued_acknowledgements = 100}});
  // What the server answers waits for a client that reads nothing, until there is too much of it.
  std::string pings;
  for (int i = 0; i < 1'000; ++i) {
    pings += h2_frame{.type = h2::ping, .payload = "12345678"}.bytes();
  }
  flood([&](std::uint32_t) { return pings; }, calm, 1'000);
}

TEST_F(http2_abuse, many_questions_of_a_client_that_reads_the_answers) {
  start({.http2 = {.max_queued_acknowledgements = 10}});
  std::string questions;
  for (int i = 0; i < 900; ++i) {
    questions += h2_frame{.type = h2::ping, .payload = "12345678"}.bytes();
    questions += h2_frame{.type = h2::settings}.bytes();
  }
  client_->send_bytes(questions);
  EXPECT_EQ(client_->finished(client_->request(h2::get("/hello"))).data, "hello");
}

TEST_F(http2_abuse, many_settings_in_a_frame) {
  start();
  std::string payload;
  for (int i = 0; i < 33; ++i) payload += h2::setting(0x1000, 1);
  client_->send({.type = h2::settings, .payload = payload});
  client_->expect_connection_error(calm);
}

TEST_F(http2_abuse, continuations_without_end) {
  start();
  client_->send({.type = h2::headers, .stream = 1, .payload = h2::block(h2::get())});
  flood([](std::uint32_t) { return h2_frame{.type = h2::continuation, .stream = 1}.bytes(); },
        calm);
}

TEST_F(http2_abuse, more_streams_than_allowed_are_refused) {
  start();
  std::string requests;
  for (std::uint32_t i = 0; i < 101; ++i) requests += get_frame(2 * i + 1, "/waits");
  client_->send_bytes(requests);
  client_->expect_reset(201, NGHTTP2_REFUSED_STREAM);
  go_on_.try_set_value();
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(client_->finished(2 * i + 1).data, "done");
  }
  while (client_->next_stream() < 201) {
  }
  EXPECT_EQ(client_->finished(client_->request(h2::get("/hello"))).data, "hello");
}

TEST_F(http2_abuse, heads_that_are_too_large) {
  start();
  auto fields = h2::get("/hello");
  for (int i = 0; i < 3; ++i) fields.emplace_back("large", std::string(11'000, 'x'));
  const auto send_in_pieces = [&](const h2::fields& all) {
    const auto block = h2::block(all);
    const auto id = client_->next_stream();
    auto bytes = h2_frame{.type = h2::headers,
                          .flags = h2::end_stream,
                          .stream = id,
                          .payload = block.substr(0, 16'000)}
                     .bytes();
    std::size_t at = 16'000;
    for (; at + 16'000 < block.size(); at += 16'000) {
      bytes += h2_frame{.type = h2::continuation, .stream = id, .payload = block.substr(at, 16'000)}
                   .bytes();
    }
    bytes += h2_frame{.type = h2::continuation,
                      .flags = h2::end_headers,
                      .stream = id,
                      .payload = block.substr(at)}
                 .bytes();
    client_->at(id);
    client_->try_send_bytes(bytes);
    return id;
  };
  EXPECT_EQ(client_->finished(send_in_pieces(fields)).status(), "431");
  EXPECT_EQ(client_->finished(client_->request(h2::get("/hello"))).data, "hello");
  for (int i = 0; i < 3; ++i) fields.emplace_back("large", std::string(11'000, 'x'));
  send_in_pieces(fields);
  client_->expect_connection_error(NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(http2_abuse, heads_with_too_many_fields) {
  start();
  auto fields = h2::get("/hello");
  for (int i = 0; i < 101; ++i) fields.emplace_back("a", "b");
  EXPECT_EQ(client_->finished(client_->request(fields)).status(), "431");
  for (int i = 0; i < 101; ++i) fields.emplace_back("a", "b");
  client_->request(fields);
  client_->expect_connection_error(NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(http2_abuse, a_small_block_that_decodes_to_a_large_one) {
  start();
  // One field of 4,000 bytes goes into the table; one byte each refers to it.
  auto block = h2::block(h2::get("/hello"));
  std::string bomb = "\x40\x01x\x7f";
  bomb += "\xa1\x1e";  // 4,000 = 127 + 33 + 30 * 128
  bomb += std::string(4'000, 'b');
  block += bomb + std::string(5'000, '\xbe');
  client_->send({.type = h2::headers,
                 .flags = h2::end_headers | h2::end_stream,
                 .stream = 1,
                 .payload = block});
  client_->expect_connection_error(NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(http2_abuse, a_request_line_that_is_too_long) {
  start();
  client_->expect_reset(client_->request(h2::get("/" + std::string(9'000, 'x'))),
                        NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(http2_abuse, a_body_that_is_too_large) {
  start({.max_request_body_size = 1'000});
  auto fields = h2::get("/body");
  fields.emplace_back("content-length", "1001");
  EXPECT_EQ(client_->finished(client_->request(fields, false)).status(), "413");
  const auto id = client_->request(h2::get("/body"), false);
  client_->send_data(id, std::string(1'001, 'x'));
  EXPECT_EQ(client_->finished(id).status(), "413");
}

TEST_F(http2_abuse, a_body_that_is_too_large_leaves_the_windows_in_order) {
  start({.max_request_body_size = 100'000});
  const auto large = client_->request(h2::get("/body"), false);
  client_->send_data(large, std::string(100'001, 'x'));
  EXPECT_EQ(client_->finished(large).status(), "413");
  // More than the window of the connection, on other streams.
  for (int i = 0; i < 20; ++i) {
    const auto id = client_->request(h2::get("/body"), false);
    client_->send_data(id, std::string(100'000, 'x'), true);
    EXPECT_EQ(client_->finished(id).data, "100000");
  }
}

/// Sends DATA while the server gives windows back; gives how much that was.
std::size_t send_until_stopped(h2_client& client, std::uint32_t id) {
  constexpr std::size_t piece = 10'000;
  auto& to = client.at(id);
  std::size_t sent = 0;
  while (sent < 20'000'000) {
    client.round_trip();
    const auto room = std::min<std::int64_t>({to.window, client.window(), piece});
    if (room <= 0) break;
    client.send_data(id, std::string(static_cast<std::size_t>(room), 'x'));
    sent += static_cast<std::size_t>(room);
  }
  return sent;
}

TEST_F(http2_abuse, a_body_that_nobody_reads_is_held_back) {
  start({.max_request_buffer_size = 30'000});
  EXPECT_EQ(client_->server_settings().at(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE), 30'000U);
  const auto id = client_->request(h2::get("/waits"), false);
  client_->wait_until([&] { return client_->at_unlocked(id).window == 30'000; });
  EXPECT_EQ(send_until_stopped(*client_, id), 30'000U);
  // Whoever reads it gets all of it, in windows of that size.
  const auto other = client_->request(h2::get("/body"), false);
  client_->send_data(other, std::string(300'000, 'x'), true);
  EXPECT_EQ(client_->finished(other).data, "300000");
}

TEST_F(http2_abuse, a_buffer_of_one_byte_is_slow_and_works) {
  start({.max_request_buffer_size = 1});
  const auto id = client_->request(h2::get("/body"), false);
  client_->send_data(id, "seven..", true);
  EXPECT_EQ(client_->finished(id).data, "7");
}

TEST_F(http2_abuse, a_body_that_nobody_wants_is_not_read_for_ever) {
  start({.min_response_data_rate = 0, .max_response_buffer_size = std::nullopt});
  client_->gives_windows_back = false;
  // The handler has ended, and its response waits for a client that sends, and reads nothing.
  const auto id = client_->request(h2::get("/large"), false);
  client_->wait_until([&] { return client_->at_unlocked(id).received == 65'535; });
  const auto sent = send_until_stopped(*client_, id);
  EXPECT_GE(sent, 1'048'576U);
  EXPECT_LE(sent, 1'048'576U + 786'432U);
  // Other streams go on, and the answer comes.
  const auto other = client_->request(h2::get("/body"), false);
  client_->send_data(other, std::string(2'000'000, 'x'), true);
  client_->send({.type = h2::window_update, .payload = h2::number(2'000'000)});
  client_->send({.type = h2::window_update, .stream = id, .payload = h2::number(2'000'000)});
  EXPECT_EQ(client_->finished(other).data, "2000000");
  EXPECT_EQ(client_->finished(id).received, 1'000'000U);
  client_->expect_reset(id, NGHTTP2_NO_ERROR);
}

TEST_F(http2_abuse, a_head_that_does_not_end) {
  start({.request_headers_timeout = 300ms});
  client_->send({.type = h2::headers, .stream = 1, .payload = h2::block(h2::get())});
  client_->expect_connection_error(NGHTTP2_INTERNAL_ERROR);
}

TEST_F(http2_abuse, a_connection_without_requests) {
  start({.keep_alive_timeout = 300ms});
  EXPECT_EQ(client_->finished(client_->request(h2::get("/hello"))).data, "hello");
  client_->expect_connection_error(NGHTTP2_NO_ERROR);
}

TEST_F(http2_abuse, a_body_that_comes_too_slowly) {
  start({.min_data_rate_grace_period = 1'100ms});
  const auto id = client_->request(h2::get("/body"), false);
  client_->send_data(id, "x");
  EXPECT_EQ(client_->finished(id).status(), "408");
}

TEST_F(http2_abuse, a_response_that_is_taken_too_slowly) {
  // Of the second the handler has ended.
  for (const auto* const path : {"/large", "/hello"}) {
    client_.reset();
    start({.min_data_rate_grace_period = 1'100ms});
    client_->send({.type = h2::settings, .payload = h2::setting(4, 1)});
    client_->gives_windows_back = false;
    const auto id = client_->request(h2::get(path));
    client_->expect_connection_error(NGHTTP2_INTERNAL_ERROR);
    EXPECT_EQ(client_->at(id).received, 1U);
  }
}

TEST_F(http2_abuse, a_response_of_which_only_the_first_window_is_taken) {
  start({.min_data_rate_grace_period = 1'100ms});
  client_->gives_windows_back = false;
  const auto id = client_->request(h2::get("/large"));
  client_->expect_connection_error(NGHTTP2_INTERNAL_ERROR);
  EXPECT_EQ(client_->at(id).received, 65'535U);
}

TEST_F(http2_abuse, a_response_behind_others_that_are_taken) {
  start({.min_data_rate_grace_period = 1'100ms});
  client_->gives_windows_back = false;
  const auto first = client_->request(h2::get("/large"));
  client_->wait_until([&] { return client_->at_unlocked(first).received == 65'535; });
  client_->send({.type = h2::window_update, .stream = first, .payload = h2::number(1 << 20)});
  // It depends on the first (RFC 7540, section 5.3.1): its turn comes when that has got everything.
  const auto waits = client_->next_stream();
  client_->send({.type = h2::headers,
                 .flags = h2::end_headers | h2::end_stream | h2::has_priority,
                 .stream = waits,
                 .payload = h2::number(first) + "\x10" + h2::block(h2::get("/large"))});
  const auto& taken = client_->at(first);
  const auto until = std::chrono::steady_clock::now() + 4s;
  while (std::chrono::steady_clock::now() < until) {
    const auto before = taken.received;
    client_->send({.type = h2::window_update, .payload = h2::number(500)});
    client_->wait_until([&] { return taken.received >= before + 500; });
    std::this_thread::sleep_for(20ms);  // Slowly, but faster than the least rate.
  }
  EXPECT_FALSE(client_->at(waits).is_over());
  EXPECT_EQ(client_->at(waits).received, 0U);
}

TEST_F(http2_abuse, a_client_that_does_not_answer_the_keep_alive_ping) {
  start({.http2 = {.keep_alive_ping_delay = 1s, .keep_alive_ping_timeout = 1s}});
  const auto waits = client_->request(h2::get("/waits"));
  client_->answers_pings = false;
  client_->expect_connection_error(NGHTTP2_INTERNAL_ERROR);
  EXPECT_FALSE(client_->at(waits).has_head);
  EXPECT_EQ(client_->goaways_unlocked().back().text,
            "Timeout while waiting for incoming HTTP/2 frames after a keep alive ping.");
}

TEST_F(http2_abuse, a_client_that_answers_the_keep_alive_ping_stays) {
  start({.http2 = {.keep_alive_ping_delay = 1s, .keep_alive_ping_timeout = 1s}});
  const auto waits = client_->request(h2::get("/waits"));
  const auto pings = [&] {
    int count = 0;
    for (const auto& frame : client_->log_unlocked()) {
      count += frame.type == h2::ping && !(frame.flags & h2::ack);
    }
    return count;
  };
  client_->wait_until([&] { return pings() == 3; });
  go_on_.try_set_value();
  EXPECT_EQ(client_->finished(waits).data, "done");
}

}  // namespace
}  // namespace saker::testing
