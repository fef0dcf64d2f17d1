#include "http/exchange/exchange.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include <saker/async/completion_source.hpp>
#include <saker/http/message/error.hpp>

#include "observe/log.hpp"
#include "support/memory_stream.hpp"
#include "unit/http/exchange/memory_protocol.hpp"

// One request's life, on a protocol that is neither HTTP/1.1 nor HTTP/2.

namespace saker {
namespace {

using test::memory_protocol;
using events = std::vector<std::string>;

class http_exchange : public ::testing::Test {
 protected:
  void begin(const char* method, const test::field_list& fields = {}, bool has_body = false) {
    protocol.begin(method, "/", fields, has_body);
  }
  void serve(request_delegate application) {
    protocol.turn([&] { protocol.serve(std::move(application)); });
  }

  memory_protocol protocol{"GET", "/"};
};

TEST_F(http_exchange, answers_and_ends) {
  serve([](http_context& context) { return context.response().send("hello"); });
  EXPECT_EQ(protocol.status(), 200);
  EXPECT_EQ(protocol.content(), "hello");
  EXPECT_TRUE(protocol.size().complete);
  EXPECT_TRUE(protocol.size().add_length);
  EXPECT_EQ(protocol.size().length, 5u);
  EXPECT_EQ(protocol.events(), (events{"end", "done"}));
}

TEST_F(http_exchange, answers_for_a_handler_that_writes_nothing) {
  serve([](http_context& context) -> task<void> {
    context.response().set_status(404);
    co_return;
  });
  EXPECT_EQ(protocol.status(), 404);
  EXPECT_EQ(protocol.size().length, 0u);
  EXPECT_EQ(protocol.events(), (events{"end", "done"}));
}

TEST_F(http_exchange, knows_no_length_of_what_is_written_bit_by_bit) {
  serve([](http_context& context) -> task<void> {
    context.response().append_trailer("X-Sum", "1");
    co_await context.response().write("a");
    co_await context.response().write("b");
  });
  EXPECT_EQ(protocol.size().length, std::nullopt);
  EXPECT_EQ(protocol.content(), "ab");
  EXPECT_EQ(protocol.trailers().get("X-Sum"), "1");
}

TEST_F(http_exchange, makes_an_error_of_the_handler_the_answer) {
  serve([](http_context&) -> task<void> { throw http_error(409, "Taken."); });
  EXPECT_EQ(protocol.status(), 409);
  EXPECT_NE(protocol.content().find("Taken."), std::string::npos);
  EXPECT_EQ(protocol.events(), (events{"end", "done"}));

  begin("GET");
  serve([](http_context&) -> task<void> { throw std::runtime_error("secret"); });
  EXPECT_EQ(protocol.status(), 500);
  EXPECT_EQ(protocol.content().find("secret"), std::string::npos);
}

TEST_F(http_exchange, aborts_half_an_answer) {
  serve([](http_context& context) -> task<void> {
    co_await context.response().write("half");
    throw std::runtime_error("late");
  });
  EXPECT_EQ(protocol.events(), (events{"abort", "done"}));
}

TEST_F(http_exchange, aborts_an_answer_that_is_shorter_than_it_says) {
  serve([](http_context& context) -> task<void> {
    context.response().set_content_length(5);
    co_await context.response().write("four");
  });
  EXPECT_EQ(protocol.events(), (events{"abort", "done"}));
}

TEST_F(http_exchange, takes_no_more_than_the_length_says_and_none_where_the_status_has_none) {
  serve([](http_context& context) -> task<void> {
    context.response().set_content_length(3);
    EXPECT_THROW(co_await context.response().write("four"), std::logic_error);
    co_await context.response().write("abc");
  });
  EXPECT_EQ(protocol.content(), "abc");

  begin("GET");
  serve([](http_context& context) -> task<void> {
    context.response().set_status(204);
    EXPECT_THROW(co_await context.response().write("x"), std::logic_error);
  });
  EXPECT_FALSE(protocol.size().allowed);
  EXPECT_EQ(protocol.content(), "abc");
}

TEST_F(http_exchange, sends_no_content_to_head) {
  begin("HEAD");
  serve([](http_context& context) { return context.response().send("hello"); });
  EXPECT_TRUE(protocol.size().allowed);
  EXPECT_FALSE(protocol.size().sent);
  EXPECT_EQ(protocol.size().length, 5u);
  EXPECT_EQ(protocol.content(), "");
  EXPECT_EQ(protocol.events(), (events{"end", "done"}));
}

TEST_F(http_exchange, ends_a_handler_that_writes_to_head_for_ever) {
  http_limits limits;
  limits.min_data_rate_grace_period = std::chrono::seconds(2);
  limits.min_response_data_rate = 0;
  protocol.set_limits(limits);
  begin("HEAD");
  const auto endless = [this](http_context& context) -> task<void> {
    try {
      for (;;) co_await context.response().write(std::string(40'000, 'x'));
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code(), std::errc::connection_reset);
      protocol.loop().post([this] { protocol.loop().stop(); });
      throw;
    }
  };
  protocol.loop().post([&] { protocol.serve(endless); });
  protocol.loop().run();
  EXPECT_TRUE(protocol.has("abort"));
  EXPECT_EQ(protocol.content(), "");
}

TEST_F(http_exchange, makes_a_writer_wait_for_the_client) {
  http_limits limits;
  limits.max_response_buffer_size = 10;
  protocol.set_limits(limits);
  std::string seen;
  protocol.set_queued(10);
  serve([&](http_context& context) -> task<void> {
    co_await context.response().write("first");
    seen += "room";
  });
  EXPECT_TRUE(protocol.exchange().awaits_room());
  EXPECT_EQ(seen, "");
  protocol.turn([&] { protocol.set_queued(9); });
  EXPECT_EQ(seen, "room");
  EXPECT_TRUE(protocol.has("done"));
}

TEST_F(http_exchange, wakes_a_writer_whose_connection_is_lost) {
  http_limits limits;
  limits.max_response_buffer_size = 10;
  protocol.set_limits(limits);
  std::error_code seen;
  protocol.set_queued(10);
  serve([&](http_context& context) -> task<void> {
    try {
      co_await context.response().write("first");
    } catch (const std::system_error& error) {
      seen = error.code();
    }
  });
  protocol.turn([&] { protocol.fail_connection(std::make_error_code(std::errc::broken_pipe)); });
  EXPECT_EQ(seen, std::errc::broken_pipe);
  EXPECT_EQ(protocol.events(), events{"done"});
}

/// Answers with what it has when its frame goes.
struct last_words {
  http_context& context;
  ~last_words() { auto sent = context.response().send("last words"); }
};

TEST_F(http_exchange, is_there_for_a_handler_that_is_destroyed) {
  completion_source<> never;
  serve([&](http_context& context) -> task<void> {
    const last_words guard{context};
    co_await never;
  });
  protocol.exchange().end_handler();
  EXPECT_EQ(protocol.content(), "last words");
}

// The body.

task<void> read_all(http_context& context, std::string& into) {
  into = co_await context.request().read_all();
}

TEST_F(http_exchange, asks_for_a_body_that_waits_to_be_asked_for) {
  std::string body;
  begin("POST", {{"Expect", "100-continue"}}, true);
  EXPECT_TRUE(protocol.exchange().body()->awaits_continue());
  serve([&](http_context& context) { return read_all(context, body); });
  EXPECT_EQ(protocol.events(), events{"continue"});
  protocol.turn([&] { protocol.receive("some"); });
  protocol.turn([&] {
    protocol.receive("thing");
    headers trailers;
    trailers.add("X-Sum", "9");
    protocol.exchange().body()->finish(std::move(trailers));
    EXPECT_EQ(protocol.context().request().trailers().get("X-Sum"), "9");
  });
  EXPECT_EQ(body, "something");
  EXPECT_TRUE(protocol.has("done"));
}

TEST_F(http_exchange, does_not_ask_for_a_body_that_nobody_reads) {
  begin("POST", {{"Expect", "100-continue"}}, true);
  bool unknown = false;
  serve([&](http_context& context) {
    unknown = protocol.exchange().body()->awaits_continue();
    return context.response().send("no");
  });
  EXPECT_TRUE(unknown);
  EXPECT_FALSE(protocol.has("continue"));
}

TEST_F(http_exchange, refuses_a_body_above_the_limit_at_the_byte_that_is_too_much) {
  http_limits limits;
  limits.max_request_body_size = 10;
  protocol.set_limits(limits);
  for (const std::string_view last : {"0123456789", "0123456789a"}) {
    std::string body;
    begin("POST", {}, true);
    serve([&](http_context& context) { return read_all(context, body); });
    protocol.turn([&] {
      for (const char each : last) {
        protocol.receive({&each, 1});
      }
      if (protocol.exchange().body()->is_open()) protocol.exchange().body()->finish();
      EXPECT_EQ(protocol.exchange().body()->has_failed(), last.size() > 10);
    });
    EXPECT_EQ(protocol.status(), last.size() > 10 ? 413 : 200);
    EXPECT_EQ(body, last.size() > 10 ? "" : last);
  }
}

TEST_F(http_exchange, refuses_a_length_above_the_limit_before_it_comes) {
  http_limits limits;
  limits.max_request_body_size = 10;
  protocol.set_limits(limits);
  protocol.begin("POST", "/", {{"Content-Length", "11"}, {"Expect", "100-continue"}}, true);
  std::string body;
  serve([&](http_context& context) { return read_all(context, body); });
  EXPECT_EQ(protocol.status(), 413);
  EXPECT_FALSE(protocol.has("continue"));
}

TEST_F(http_exchange, fails_a_reader_whose_client_goes_away) {
  begin("POST", {}, true);
  std::error_code seen;
  serve([&](http_context& context) -> task<void> {
    std::array<std::byte, 10> buffer;
    try {
      co_await context.request().read(buffer);
    } catch (const std::system_error& error) {
      seen = error.code();
    }
  });
  protocol.turn([&] { protocol.fail_connection(std::make_error_code(std::errc::timed_out)); });
  EXPECT_EQ(seen, std::errc::timed_out);
}

TEST_F(http_exchange, tells_whoever_watches_that_the_client_has_gone) {
  completion_source<> end;
  bool aborted = false;
  serve([&](http_context& context) -> task<void> {
    const std::stop_callback gone(context.request_aborted(), [&] { aborted = true; });
    co_await end;
    co_await context.response().send("all the same");
  });
  protocol.turn([&] { protocol.exchange().on_client_gone(); });
  EXPECT_TRUE(aborted);
  protocol.turn([&] { end.set_value(); });
  EXPECT_EQ(protocol.content(), "all the same");
}

// Upgrades.

class recording_protocol final : public http::upgraded_protocol {
 public:
  void on_handler_done(bool failed) override { events.emplace_back(failed ? "failed" : "done"); }
  void on_detached(http::upgrade_host&) noexcept override { events.emplace_back("detached"); }
  std::string remote_endpoint() const override { return "1.2.3.4:5"; }
  std::string local_endpoint() const override { return {}; }
  bool is_peer_fault(const std::error_code&) const noexcept override { return true; }
  bool waits_for_peer() const noexcept override { return false; }

  std::vector<std::string> events;
};

class http_upgrade : public http_exchange {
 protected:
  http_upgrade() { begin("GET", {{"Upgrade", "something"}}); }

  std::unique_ptr<io::byte_stream> accept(http_context& context) {
    protocol.set_stream(std::make_unique<testing::stream>(protocol.loop(), peer));
    return context.exchange().upgrade(context.response(), taken_over);
  }

  std::shared_ptr<testing::peer> peer = std::make_shared<testing::peer>();
  std::shared_ptr<recording_protocol> taken_over = std::make_shared<recording_protocol>();
};

TEST_F(http_upgrade, gives_the_stream_away) {
  serve([&](http_context& context) -> task<void> {
    const auto stream = accept(context);
    EXPECT_NE(stream, nullptr);
    EXPECT_THROW(context.exchange().upgrade(context.response(), taken_over), std::logic_error);
    EXPECT_THROW(co_await context.response().write("x"), std::logic_error);
  });
  EXPECT_EQ(protocol.status(), 101);
  EXPECT_EQ(protocol.answer().get("Connection"), "Upgrade");
  EXPECT_EQ(protocol.events(), events{"done"});
  EXPECT_EQ(taken_over->events, events{"done"});
}

TEST_F(http_upgrade, tells_the_new_protocol_of_a_handler_that_fails) {
  serve([&](http_context& context) -> task<void> {
    const auto stream = accept(context);
    throw std::runtime_error("late");
    co_return;
  });
  EXPECT_EQ(taken_over->events, events{"failed"});
  EXPECT_EQ(protocol.events(), events{"done"});
}

TEST_F(http_upgrade, is_for_requests_that_ask_for_it) {
  begin("GET");
  serve([&](http_context& context) -> task<void> {
    EXPECT_FALSE(context.exchange().is_upgradable());
    EXPECT_THROW(context.exchange().upgrade(context.response(), taken_over), std::logic_error);
    co_return;
  });
  EXPECT_EQ(protocol.status(), 200);
}

TEST_F(http_upgrade, is_not_for_lost_connections) {
  completion_source<> go_on;
  serve([&](http_context& context) -> task<void> {
    co_await go_on;
    EXPECT_THROW(context.exchange().upgrade(context.response(), taken_over), std::system_error);
  });
  protocol.turn([&] {
    protocol.fail_connection(std::make_error_code(std::errc::connection_reset));
    go_on.set_value();
  });
  EXPECT_EQ(protocol.events(), events{"done"});
}

TEST_F(http_upgrade, lets_go_of_a_request_that_the_handler_does_not_need) {
  completion_source<> end;
  std::unique_ptr<io::byte_stream> stream;
  serve([&](http_context& context) {
    stream = accept(context);
    auto handler = [](completion_source<>& until) -> task<void> { co_await until; }(end);
    context.set_detachable(handler);
    return handler;
  });
  EXPECT_EQ(protocol.events(), events{"detached"});
  EXPECT_EQ(taken_over->events, events{"detached"});
  protocol.turn([&] { end.set_value(); });
  EXPECT_EQ(taken_over->events, (events{"detached", "done"}));
  EXPECT_EQ(protocol.events(), (events{"detached", "handler done"}));
}

}  // namespace
}  // namespace saker
