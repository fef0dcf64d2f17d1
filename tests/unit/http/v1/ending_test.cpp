// HTTP/1 with a peer that ends, sends too much, or never takes its answers.

#include <gtest/gtest.h>

#include <optional>

#include "support/conversation.hpp"

namespace saker {
namespace {

class http1_ending : public ::testing::Test {
 protected:
  http1_ending() { connect(); }

  void connect() {
    spoken_.reset();
    aborted_ = 0;
    busy_ = testing::gate();
    application_builder builder;
    builder.run([this](http_context& context) { return serve(context); });
    http::connection_options options;
    options.application = builder.build();
    options.limits.max_request_buffer_size = 4096;
    spoken_.emplace(std::move(options));
  }

  task<void> serve(http_context& context) {
    const std::stop_callback gone(context.request_aborted(), [this] { ++aborted_; });
    const auto path = std::string(context.request().path());
    ++begun_;
    if (path == "/busy") co_await busy_;
    if (path == "/pieces") co_await read_pieces(context.request());
    co_await context.response().send(path);
    ++ended_;
  }

  task<void> read_pieces(http_request& request) {
    std::byte buffer[999];
    for (;;) {
      const auto count = co_await request.read(buffer);
      if (count == 0) co_return;
      read_ += count;
      if (read_ >= 999'000) co_await busy_;
    }
  }

  int count_answers() const {
    const auto text = spoken_->answers();
    int count = 0;
    for (auto at = text.find("HTTP/1.1 200"); at != std::string::npos; ++count) {
      at = text.find("HTTP/1.1 200", at + 1);
    }
    return count;
  }

  int aborted_ = 0;
  int begun_ = 0;
  int ended_ = 0;
  std::size_t read_ = 0;
  testing::gate busy_;
  std::optional<testing::conversation> spoken_;
};

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

TEST_F(http1_ending, leaves_requests_that_have_arrived_their_answers) {
  spoken_->send(get("/busy") + get("/b") + get("/c"));
  spoken_->end();
  spoken_->turns(2);
  EXPECT_EQ(begun_, 1);
  spoken_->turn([this] { busy_.open(); });
  spoken_->read_all();
  EXPECT_EQ(count_answers(), 3) << spoken_->answers();
  EXPECT_EQ(spoken_->open_connections(), 0U);
}

TEST_F(http1_ending, is_noticed_whatever_stands_behind_the_request) {
  for (const auto& behind : {std::string(), std::string("\r\n"), std::string("\r\nG"), get("/b"),
                             std::string(70'000, 'x')}) {
    connect();
    spoken_->send(get("/busy") + behind);
    spoken_->turns(2);
    EXPECT_EQ(aborted_, 0);
    spoken_->end();
    spoken_->turns(2);
    EXPECT_EQ(aborted_, 1) << behind.size() << " bytes behind";
    spoken_->turn([this] { busy_.open(); });
    spoken_->read_all();
    EXPECT_EQ(spoken_->open_connections(), 0U) << behind.size() << " bytes behind";
  }
}

TEST_F(http1_ending, of_the_connection_ends_the_handler_whatever_stands_behind) {
  spoken_->send(get("/busy") + get("/b"));
  spoken_->reset();
  spoken_->turns(2);
  EXPECT_EQ(aborted_, 1);
  spoken_->turn([this] { busy_.open(); });
  spoken_->turns(2);
  EXPECT_EQ(begun_, 1) << "nobody can take the second answer";
  EXPECT_EQ(spoken_->open_connections(), 0U);
}

TEST_F(http1_ending, stops_reading_from_a_client_that_takes_no_answers) {
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += get("/x");
  for (int i = 0; i < 100; ++i) spoken_->send(requests);
  const auto begun = begun_;
  EXPECT_LT(begun, 2000) << "64 KiB of answers, and no more";
  spoken_->send(requests);
  EXPECT_EQ(begun_, begun);
  spoken_->read_all();
  EXPECT_EQ(begun_, 10'100) << "and all of them when it reads";
  EXPECT_EQ(count_answers(), 10'100);
}

TEST_F(http1_ending, drains_a_mebibyte_of_a_body_that_nobody_reads) {
  const std::string head = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = "10000\r\n" + std::string(65'536, 'x') + "\r\n";
  spoken_->send(head);
  for (int i = 0; i < 14; ++i) spoken_->send(chunk);
  spoken_->send("0\r\n\r\n" + get("/b"));
  spoken_->read_all();
  EXPECT_EQ(count_answers(), 2) << "less than that: the connection goes on";
  spoken_->send(head);
  for (int i = 0; i < 20; ++i) spoken_->send(chunk);
  spoken_->read_all();
  spoken_->send("0\r\n\r\n" + get("/c"));
  spoken_->end();
  spoken_->read_all();
  EXPECT_EQ(count_answers(), 3) << "more: it ends";
}

TEST_F(http1_ending, is_told_to_a_request_that_was_read_after_it_had_come) {
  std::string requests;
  for (int i = 0; i < 64; ++i) requests += get("/x");
  requests += get("/busy");
  spoken_->turn([&] {
    spoken_->client().send(std::as_bytes(std::span(requests)));
    ASSERT_EQ(begun_, 64) << "others have their turn";
    spoken_->client().end();
  });
  spoken_->turns(3);
  EXPECT_EQ(begun_, 65);
  EXPECT_EQ(aborted_, 1);
  spoken_->turn([this] { busy_.open(); });
}

TEST_F(http1_ending, keeps_no_more_of_a_body_than_max_request_buffer_size) {
  spoken_->send("POST /pieces HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n");
  for (int i = 0; i < 200; ++i) spoken_->send(std::string(10'000, 'x'));
  spoken_->turns(5);
  EXPECT_GE(read_, 999'000U);
  EXPECT_GE(spoken_->unread(), 2'000'000 - 999'999 - 4096 - 999U);
  spoken_->turn([this] { busy_.open(); });
  spoken_->read_all();
  EXPECT_EQ(read_, 2'000'000U);
  EXPECT_EQ(count_answers(), 1);
}

}  // namespace
}  // namespace saker
