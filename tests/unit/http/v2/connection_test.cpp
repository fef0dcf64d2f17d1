// A connection of HTTP/2 on a wire that takes nothing by itself: what is owed, and in which order a
// tunnel hands on what has come.

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <saker/async/event_loop.hpp>
#include <saker/http/pipeline/middleware.hpp>

#include "http/exchange/connection_options.hpp"
#include "http/exchange/exchange.hpp"
#include "http/v2/connection.hpp"
#include "observe/log.hpp"
#include "support/conversation.hpp"
#include "wire.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;
using testing::extended_connect;
using testing::frame;
using testing::request;

/// What a tunnel tells, in its order. It stays paused while `hungry` is false.
class recorder final : public io::stream_handler, public http::upgraded_protocol {
 public:
  std::vector<std::string> events;
  std::size_t hungry = 1'000'000;

  std::size_t on_read(std::span<std::byte> data) override {
    const auto count = std::min(hungry, data.size());
    if (count == 0) return 0;
    hungry -= count;
    events.emplace_back(reinterpret_cast<const char*>(data.data()), count);
    return count;
  }
  void on_read_end() override { events.emplace_back("end"); }
  void on_error(std::error_code) override { events.emplace_back("lost"); }
  void on_end_arrived(std::error_code error) override {
    events.emplace_back(error ? "a loss comes" : "an end comes");
  }
  void on_drained() override {}
  std::size_t read_budget() const noexcept override { return hungry; }
  void on_handler_done(bool) override {}
  void on_detached(http::upgrade_host&) noexcept override {}
  std::string remote_endpoint() const override { return {}; }
  std::string local_endpoint() const override { return {}; }
  bool is_peer_fault(const std::error_code&) const noexcept override { return true; }
  bool waits_for_peer() const noexcept override { return false; }
};

std::string refused_streams(std::uint32_t& next, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i, next += 2) bytes += request(next, "/ok");
  return bytes;
}

class http2_connection : public ::testing::Test {
 protected:
  http2_connection() {
    application_builder builder;
    builder.map("/tunnel", [this](application_builder& branch) {
      branch.run([this](http_context& context) -> task<void> {
        tunnel_ = context.exchange().upgrade(context.response(), recorder_);
        tunnel_->set_handler(recorder_.get());
        co_return;
      });
    });
    builder.map("/large", [this](application_builder& branch) {
      branch.run([this](http_context& context) { return context.response().send(large_); });
    });
    builder.map("/events", [](application_builder& branch) {
      branch.run([](http_context& context) -> task<void> {
        for (;;) co_await context.response().write(std::string(100, 'e'));
      });
    });
    builder.map("/between", [this](application_builder& branch) {
      branch.run([this](http_context& context) { return answer_between(context); });
    });
    builder.run([](http_context& context) { return context.response().send("ok"); });
    options_.application = builder.build();
  }
  ~http2_connection() override { tunnel_.reset(); }

  /// Writes between two reads.
  task<void> answer_between(http_context& context) {
    std::array<std::byte, 5> buffer;
    body_.push_back(std::to_string(co_await context.request().read(buffer)));
    co_await context.response().write(large_);
    for (std::size_t count = 1; count != 0;) {
      count = co_await context.request().read(buffer);
      body_.push_back(std::to_string(count));
    }
  }

  void start() {
    turn([this] {
      http::v2::connection::start(std::make_unique<testing::wire>(loop_, wire_), options_);
      wire_->send(testing::preface());
    });
  }
  /// Does it, and all that follows from it.
  void turn(const std::function<void()>& action) {
    loop_.post([&] {
      action();
      loop_.post([&] { loop_.post([&] { loop_.stop(); }); });
    });
    loop_.run();
  }
  void send(const std::string& bytes) {
    turn([&] { wire_->send(bytes); });
  }
  void take(std::size_t most = 100'000'000) {
    turn([&] { wire_->take(most); });
  }
  /// Lets time pass until it holds; false: it does not.
  bool comes_true(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < limit) {
      std::this_thread::sleep_for(10ms);
      turn([] {});
    }
    return condition();
  }
  /// Opens a tunnel whose handler takes no more than so much.
  void open_tunnel(std::size_t hungry) {
    start();
    send(extended_connect(1, "/tunnel"));
    recorder_->hungry = hungry;
    ASSERT_TRUE(tunnel_);
  }
  /// Until reading pauses. There is no response that could be slow.
  void start_owing() {
    options_.limits.http2.stream_reset_burst = 1'000'000;
    options_.limits.http2.max_streams_per_connection = 1;
    start();
    send(extended_connect(1, "/tunnel"));
    turn([&] { tunnel_->write(std::as_bytes(std::span(large_))); });
    std::uint32_t next = 3;
    for (int rounds = 0; wire_->reading && rounds < 50; ++rounds) {
      send(refused_streams(next, 1'000));
    }
    ASSERT_FALSE(wire_->reading);
  }
  void resume() {
    recorder_->hungry = 1'000'000;
    turn([&] { tunnel_->resume_reading(); });
  }
  std::string data(std::string_view text, unsigned flags = 0) {
    return frame(NGHTTP2_DATA, flags, 1, text);
  }

  std::vector<std::string> body_;
  const std::string large_ = std::string(200'000, 'x');
  http::connection_options options_;
  const testing::quiet_log quiet_;
  event_loop loop_;
  std::shared_ptr<testing::wire_state> wire_ = std::make_shared<testing::wire_state>();
  std::shared_ptr<recorder> recorder_ = std::make_shared<recorder>();
  std::unique_ptr<io::byte_stream> tunnel_;
};

TEST_F(http2_connection, answers_1100_pings_of_one_write) {
  start();
  std::string pings;
  for (int i = 0; i < 1100; ++i) pings += frame(NGHTTP2_PING, 0, 0, "12345678");
  send(pings);
  take();
  EXPECT_EQ(wire_->count(NGHTTP2_PING), 1100U);
  EXPECT_EQ(wire_->count(NGHTTP2_GOAWAY), 0U);
}

TEST_F(http2_connection, reads_nothing_while_it_owes_too_much_and_goes_on_afterwards) {
  options_.limits.http2.stream_reset_burst = 1'000'000;
  options_.limits.http2.max_streams_per_connection = 1;
  start();
  // The window is closed: the stream stays open, and all others are refused.
  send(request(1, "/large"));
  std::uint32_t next = 3;
  std::size_t rounds = 0;
  while (wire_->reading) {
    send(refused_streams(next, 1'000));
    ASSERT_LT(++rounds, 50U) << "what a client does not take grows without bound";
  }
  EXPECT_LT(wire_->output.size(), 128U * 1024);
  const auto asked = (next - 3) / 2;
  const auto waiting = wire_->unread.size();
  EXPECT_GT(waiting, 0U);
  send({});
  EXPECT_EQ(wire_->unread.size(), waiting);
  // The client takes what it is owed: everything it has asked for is answered.
  for (int i = 0; i < 100; ++i) {
    take();
    send({});
  }
  EXPECT_TRUE(wire_->reading);
  EXPECT_TRUE(wire_->unread.empty());
  EXPECT_EQ(wire_->count(NGHTTP2_RST_STREAM), asked);
}

TEST_F(http2_connection, gives_up_a_client_that_takes_nothing_of_what_it_is_owed) {
  options_.limits.min_data_rate_grace_period = 1'001ms;
  start_owing();
  EXPECT_TRUE(comes_true([&] { return wire_->aborted; }));
}

TEST_F(http2_connection, gives_up_a_client_that_has_ended_its_side_and_takes_nothing) {
  options_.limits.min_data_rate_grace_period = 1'001ms;
  options_.limits.min_response_data_rate = 0;
  start_owing();
  std::this_thread::sleep_for(1'500ms);
  turn([] {});
  ASSERT_FALSE(wire_->aborted) << "it has all the time it wants";
  turn([&] { wire_->handler->on_end_arrived({}); });
  EXPECT_TRUE(comes_true([&] { return wire_->aborted; }));
}

TEST_F(http2_connection, gives_a_client_that_is_owed_too_much_a_second_when_it_stops) {
  options_.limits.min_data_rate_grace_period = 24h;
  start_owing();
  turn([&] { loop_.state().request_stop(); });
  EXPECT_TRUE(comes_true([&] { return wire_->aborted; }));
}

TEST_F(http2_connection, reads_the_rest_of_a_client_that_is_lost) {
  start_owing();
  // Nothing that is owed can be sent: the stream has thrown it away.
  turn([&] {
    wire_->output.clear();
    wire_->drained_below = 0;
    wire_->handler->on_end_arrived(std::make_error_code(std::errc::connection_reset));
  });
  EXPECT_TRUE(wire_->reading);
  EXPECT_EQ(wire_->drained_below, 0U) << "it is drained, and would say so for ever";
}

TEST_F(http2_connection, keeps_a_client_that_takes_what_it_is_owed_slowly) {
  options_.limits.min_data_rate_grace_period = 1'001ms;
  start_owing();
  const auto until = std::chrono::steady_clock::now() + 4s;
  while (std::chrono::steady_clock::now() < until && wire_->handler) {
    std::this_thread::sleep_for(10ms);
    take(100);
  }
  EXPECT_TRUE(wire_->handler);
  EXPECT_FALSE(wire_->aborted);
}

TEST_F(http2_connection, gives_up_a_client_that_opens_its_window_a_write_at_a_time) {
  options_.limits.min_data_rate_grace_period = 1'001ms;
  options_.limits.max_response_buffer_size = 100;
  start();
  send(frame(NGHTTP2_WINDOW_UPDATE, 0, 0, testing::big_endian(1'000'000, 4)));
  send(request(1, "/events"));
  const auto window = frame(NGHTTP2_WINDOW_UPDATE, 0, 1, testing::big_endian(100, 4));
  auto opens = std::chrono::steady_clock::now();
  EXPECT_TRUE(comes_true([&] {
    take();
    if (std::chrono::steady_clock::now() >= opens) {
      opens += 900ms;
      send(window);
    }
    return wire_->aborted || !wire_->handler;
  }));
}

TEST_F(http2_connection, a_tunnel_that_is_aborted_ends_behind_the_frame_that_waits_for_room) {
  open_tunnel(1000);
  const auto window = testing::big_endian(1'000'000, 4);
  send(frame(NGHTTP2_WINDOW_UPDATE, 0, 0, window) + frame(NGHTTP2_WINDOW_UPDATE, 0, 1, window));
  turn([&] { tunnel_->write(std::as_bytes(std::span(large_))); });
  EXPECT_GE(wire_->output.size(), 64U * 1024);
  turn([&] { tunnel_->abort(); });
  for (int i = 0; i < 10; ++i) take();
  const auto frames = wire_->frames();
  EXPECT_EQ(frames.back().type, NGHTTP2_RST_STREAM);
  EXPECT_EQ(wire_->count(NGHTTP2_RST_STREAM), 1U);
  std::string sent;
  for (const auto& each : frames) {
    if (each.type == NGHTTP2_DATA) sent += each.payload;
  }
  EXPECT_TRUE(large_.starts_with(sent));
}

/// The handler waits for the client to take something; until it reads again, the body may rest.
TEST_F(http2_connection, expects_no_body_while_nobody_waits_for_it) {
  options_.limits.min_data_rate_grace_period = 60s;
  start();
  turn([&] { wire_->send(request(1, "/between", false) + data("first")); });
  // Longer than it takes to look at the rates.
  const auto until = std::chrono::steady_clock::now() + 1'500ms;
  while (std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(10ms);
    turn([] {});
  }
  EXPECT_EQ(body_, std::vector<std::string>{"5"});
  const auto window = testing::big_endian(1'000'000, 4);
  send(frame(NGHTTP2_WINDOW_UPDATE, 0, 0, window) + frame(NGHTTP2_WINDOW_UPDATE, 0, 1, window) +
       data("rest", NGHTTP2_FLAG_END_STREAM));
  for (int i = 0; i < 20; ++i) take();
  EXPECT_EQ(body_, (std::vector<std::string>{"5", "4", "0"}));
  EXPECT_EQ(wire_->count(NGHTTP2_RST_STREAM), 0U);
}

TEST_F(http2_connection, leaves_an_attacker_unread_that_has_used_up_its_turn) {
  options_.limits.http2.stream_reset_burst = 50;
  start();
  std::string attack;
  for (std::uint32_t id = 1; id < 1'000; id += 2) {
    attack += request(id, "/ok") +
              frame(NGHTTP2_RST_STREAM, 0, id, testing::big_endian(NGHTTP2_CANCEL, 4));
  }
  send(attack);
  take();
  ASSERT_EQ(wire_->count(NGHTTP2_GOAWAY), 1U);
  for (int i = 0; i < 5; ++i) turn([] {});
  EXPECT_FALSE(wire_->reading);
  EXPECT_TRUE(comes_true([&] { return wire_->closed; }));
}

TEST_F(http2_connection, cuts_off_who_asks_and_does_not_read) {
  options_.limits.http2.control_frame_burst = 1'000'000;
  start();
  std::string pings;
  for (int i = 0; i < 1100; ++i) pings += frame(NGHTTP2_PING, 0, 0, "12345678");
  for (int i = 0; i < 10; ++i) send(pings);
  EXPECT_FALSE(wire_->reading);
  EXPECT_LT(wire_->output.size(), 128U * 1024);
  take();
  ASSERT_EQ(wire_->count(NGHTTP2_GOAWAY), 1U);
  EXPECT_EQ(wire_->frames().back().payload.substr(4, 4),
            testing::big_endian(NGHTTP2_ENHANCE_YOUR_CALM, 4));
  EXPECT_FALSE(wire_->closed) << "it is left alone for a moment";
  EXPECT_TRUE(comes_true([&] { return wire_->closed; }));
}

TEST_F(http2_connection, leaves_alone_whom_nghttp2_cuts_off_as_well) {
  start();
  std::string settings;
  for (int i = 0; i < 33; ++i) {
    settings += testing::big_endian(0x1000, 2) + testing::big_endian(1, 4);
  }
  send(frame(NGHTTP2_SETTINGS, 0, 0, settings));
  take();
  EXPECT_EQ(wire_->count(NGHTTP2_GOAWAY), 1U);
  EXPECT_FALSE(wire_->closed);
  EXPECT_TRUE(comes_true([&] { return wire_->closed; }));
}

TEST_F(http2_connection, a_tunnel_gets_its_data_before_the_end_of_the_stream) {
  open_tunnel(2);
  send(data("abc") + data("def", NGHTTP2_FLAG_END_STREAM));
  EXPECT_EQ(recorder_->events, (std::vector<std::string>{"ab", "an end comes"}));
  resume();
  EXPECT_EQ(recorder_->events, (std::vector<std::string>{"ab", "an end comes", "cdef", "end"}));
  turn([&] { io::close_in_order(std::move(tunnel_)); });
  take();
  EXPECT_EQ(wire_->frames().back().type, NGHTTP2_DATA);
  EXPECT_EQ(wire_->frames().back().flags, NGHTTP2_FLAG_END_STREAM);
}

TEST_F(http2_connection, a_tunnel_that_reads_nothing_more_is_told_of_the_end) {
  open_tunnel(3);
  send(data("abc", NGHTTP2_FLAG_END_STREAM));
  EXPECT_EQ(recorder_->events, (std::vector<std::string>{"abc", "end"}));
}

TEST_F(http2_connection, a_tunnel_gets_its_data_before_a_reset) {
  open_tunnel(1);
  send(data("abc") + frame(NGHTTP2_RST_STREAM, 0, 1, testing::big_endian(8, 4)));
  EXPECT_EQ(recorder_->events, (std::vector<std::string>{"a", "a loss comes"}));
  turn([&] { tunnel_->write(std::as_bytes(std::span(large_))); });
  EXPECT_EQ(tunnel_->queued(), 0U) << "nothing reaches the client any more";
  resume();
  EXPECT_EQ(recorder_->events, (std::vector<std::string>{"a", "a loss comes", "bc", "lost"}));
}

TEST_F(http2_connection, a_tunnel_gets_its_data_before_the_loss_of_the_connection) {
  open_tunnel(1);
  send(data("abc", NGHTTP2_FLAG_END_STREAM));
  turn([&] { wire_->handler->on_error(std::make_error_code(std::errc::connection_reset)); });
  EXPECT_EQ(recorder_->events, (std::vector<std::string>{"a", "an end comes", "a loss comes"}));
  EXPECT_EQ(loop_.state().open_connections(), 1U) << "it accounts for what waits";
  resume();
  EXPECT_EQ(recorder_->events,
            (std::vector<std::string>{"a", "an end comes", "a loss comes", "bc", "end", "lost"}));
  EXPECT_EQ(loop_.state().open_connections(), 0U);
}

TEST_F(http2_connection, a_tunnel_gets_its_data_before_a_fault_of_the_connection) {
  open_tunnel(1);
  send(data("abc") + frame(NGHTTP2_PING, 0, 0, "1234567"));
  resume();
  EXPECT_EQ(recorder_->events, (std::vector<std::string>{"a", "a loss comes", "bc", "lost"}));
}

TEST_F(http2_connection, a_tunnel_that_is_let_go_leaves_nothing) {
  open_tunnel(1);
  send(data("abc"));
  turn([&] { wire_->handler->on_error(std::make_error_code(std::errc::connection_reset)); });
  turn([&] { tunnel_.reset(); });
  EXPECT_EQ(loop_.state().open_connections(), 0U);
  EXPECT_EQ(recorder_->events.back(), "a loss comes");
}

TEST_F(http2_connection, a_tunnel_that_closes_may_be_dropped_in_the_tick_of_its_deadline) {
  options_.limits.request_headers_timeout = 200ms;
  open_tunnel(1'000);
  turn([&] {
    // Both are due in the same tick, and the connection's deadline comes first.
    wire_->send(frame(NGHTTP2_HEADERS, 0, 3, ""));
    tunnel_->write(std::as_bytes(std::span(large_)));
    io::close_in_order(std::move(tunnel_), 200ms);
  });
  EXPECT_TRUE(comes_true([&] { return loop_.state().open_connections() == 0; }));
}

}  // namespace
}  // namespace saker
