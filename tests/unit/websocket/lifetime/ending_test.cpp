// The end of a connection stands in line behind what has arrived: a handler that was busy meanwhile
// sees what one sees that was receiving.

#include <gtest/gtest.h>

#include <optional>

#include <saker/websocket/manager.hpp>

#include "support/conversation.hpp"
#include "support/zlib_peer.hpp"

namespace saker {
namespace {

using testing::client_close;
using testing::client_frame;
using testing::websocket_request;
using events = std::vector<std::string>;

std::string shown(websocket_receive_result received, std::span<const std::byte> buffer) {
  std::string text(reinterpret_cast<const char*>(buffer.data()), received.count);
  return received.end_of_message ? text : text + "...";
}

/// A socket whose handler is busy until the test lets it go, and then receives until the end.
class ending : public ::testing::Test {
 protected:
  enum class how { whole, parts, closing, interrupted, late, closed_meanwhile };

  ending() {
    sockets_.receive_read_ahead = 1024;
    make();
  }

  void make() {
    spoken_.reset();
    seen_.clear();
    busy_ = testing::gate();
    late_closing_ = testing::gate();
    application_builder builder;
    builder.use(websockets_middleware(sockets_));
    builder.run([this](http_context& context) { return serve(context); });
    http::connection_options options;
    options.application = builder.build();
    spoken_.emplace(std::move(options));
  }

  task<void> serve(http_context& context) {
    websocket_accept_options accept;
    accept.dangerous_enable_compression = true;
    auto socket = co_await context.websockets().accept(accept);
    socket_ = &socket;
    const std::stop_callback gone(context.request_aborted(), [this] { aborted_ = true; });
    co_await busy_;
    try {
      if (how_ == how::closing) {
        co_await socket.send("m0");
        co_await socket.close();
      } else if (how_ == how::interrupted) {
        co_await receive_interrupted(socket);
      } else if (how_ == how::closed_meanwhile) {
        const auto message = co_await socket.receive_message();
        seen_.emplace_back(message.text());
        co_await busy_until_the_end_;
      } else if (how_ == how::late) {
        for (int i = 0; i < 1'023; ++i) (void)co_await socket.receive_message();
        co_await late_;
        const auto message = co_await socket.receive_message();
        seen_.emplace_back(message.is_close() ? "close" : "message");
      } else if (how_ == how::whole) {
        co_await receive_whole(socket, context.request_aborted());
      } else {
        co_await receive_parts(socket);
      }
    } catch (const std::system_error& error) {
      seen_.push_back(error.code() == websocket_errc::faulted ? "faulted" : error.code().message());
    }
  }

  task<void> receive_whole(websocket& socket, std::stop_token aborted) {
    for (;;) {
      const auto message = co_await socket.receive_message(aborted);
      if (message.is_close()) break;
      seen_.emplace_back(message.text());
      if (echo_) co_await socket.send(message.text());
    }
    seen_.push_back("close " + std::to_string(static_cast<int>(*socket.close_status())));
    co_await socket.close(*socket.close_status());
  }

  task<void> receive_interrupted(websocket& socket) {
    try {
      (void)co_await socket.receive_message(stop_.get_token());
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code(), std::errc::operation_canceled);
      seen_.emplace_back("canceled");
    }
    const auto message = co_await socket.receive_message();
    seen_.emplace_back(message.text());
  }

  task<void> close_late() {
    co_await late_closing_;
    if (how_ == how::late) {
      co_await socket_->close_output();
    } else {
      co_await socket_->close();
      seen_.emplace_back("closed");
    }
  }

  task<void> receive_parts(websocket& socket) {
    std::array<std::byte, 64> buffer;
    auto received = co_await socket.receive(buffer);
    while (!received.close_status) {
      seen_.push_back(shown(received, buffer));
      received = co_await socket.receive(buffer);
    }
    seen_.push_back("close " + std::to_string(static_cast<int>(*received.close_status)));
    co_await socket.close(*received.close_status);
  }

  /// The handler is busy, or not, when all of it arrives.
  events play(std::string_view frames, bool busy, void (testing::conversation::*end)() = nullptr) {
    make();
    spoken_->send(websocket_request("/"));
    if (!busy) spoken_->turn([this] { busy_.open(); });
    spoken_->send(frames);
    if (end) (*spoken_.*end)();
    spoken_->turns(3);
    if (busy) spoken_->turn([this] { busy_.open(); });
    spoken_->read_all();
    return seen_;
  }

  /// The same for whoever receives, busy or not.
  void expect(std::string_view frames, void (testing::conversation::*end)(), const events& wanted,
              const events& wanted_in_parts) {
    for (const bool busy : {false, true}) {
      how_ = how::whole;
      EXPECT_EQ(play(frames, busy, end), wanted) << (busy ? "busy" : "receiving");
      how_ = how::parts;
      EXPECT_EQ(play(frames, busy, end), wanted_in_parts) << (busy ? "busy" : "receiving parts");
    }
  }

  std::string answers() const {
    const auto text = spoken_->answers();
    return text.substr(text.find("\r\n\r\n") + 4);
  }

  websocket_options sockets_;
  how how_ = how::whole;
  bool echo_ = false;
  bool aborted_ = false;
  events seen_;
  testing::gate busy_;
  testing::gate late_;
  testing::gate busy_until_the_end_;
  testing::gate late_closing_;
  std::stop_source stop_;
  websocket* socket_ = nullptr;
  std::optional<testing::conversation> spoken_;
};

const std::string five = client_frame(0x81, "m0") + client_frame(0x81, "m1") +
                         client_frame(0x81, "m2") + client_frame(0x81, "m3") +
                         client_frame(0x81, "m4");
const std::string early_end =
    "The remote party closed the WebSocket connection without completing "
    "the close handshake.";

TEST_F(ending, in_order_is_seen_behind_the_messages) {
  const events all{"m0", "m1", "m2", "m3", "m4", "close 1001"};
  const auto frames = five + client_close(1001, "bye");
  expect(frames, nullptr, all, all);
  EXPECT_EQ(answers(), "\x88\x02\x03\xe9");
  expect(frames, &testing::conversation::end, all, all);
  EXPECT_EQ(answers(), "\x88\x02\x03\xe9") << "the Close is answered although the client has ended";
}

TEST_F(ending, without_a_close_is_seen_behind_the_messages) {
  const events all{"m0", "m1", "m2", "m3", "m4", early_end};
  expect(five, &testing::conversation::end, all, all);
  expect(five, &testing::conversation::reset, all, all);
}

TEST_F(ending, without_a_close_leaves_no_half_message) {
  expect(client_frame(0x81, "m0") + client_frame(0x01, "half"), &testing::conversation::end,
         {"m0", early_end}, {"m0", "half...", early_end});
}

TEST_F(ending, inside_a_message_is_answered_with_its_code) {
  expect(client_frame(0x81, "m0") + client_frame(0x01, "half") + client_close(1001, ""), nullptr,
         {"m0", "close 1001"}, {"m0", "half...", "close 1001"});
  EXPECT_EQ(answers(), "\x88\x02\x03\xe9");
}

TEST_F(ending, of_a_faulty_peer_is_seen_behind_its_messages) {
  echo_ = true;
  using ends = void (testing::conversation::*)();
  for (const auto& [busy, end] : {std::pair<bool, ends>{false, nullptr},
                                  {true, nullptr},
                                  {false, &testing::conversation::end},
                                  {true, &testing::conversation::end}}) {
    EXPECT_EQ(play(five + client_frame(0x83, "?"), busy, end),
              (events{"m0", "m1", "m2", "m3", "m4", "faulted"}));
    EXPECT_EQ(answers(), "\x81\x02m0\x81\x02m1\x81\x02m2\x81\x02m3\x81\x02m4\x88\x02\x03\xea")
        << "the echoes, then the Close";
  }
}

TEST_F(ending, of_its_side_leaves_the_client_its_answers) {
  echo_ = true;
  for (const bool busy : {false, true}) {
    EXPECT_EQ(play(five, busy, &testing::conversation::end),
              (events{"m0", "m1", "m2", "m3", "m4", early_end}));
    EXPECT_EQ(answers(), "\x81\x02m0\x81\x02m1\x81\x02m2\x81\x02m3\x81\x02m4");
  }
}

/// What is no UTF-8 is not shown, not even in parts.
TEST_F(ending, of_a_text_that_is_none_shows_nothing_of_it) {
  const auto bad = client_frame(0x81, "good") + client_frame(0x81, "bad\xff");
  how_ = how::parts;
  for (const bool busy : {false, true}) {
    EXPECT_EQ(play(bad, busy), (events{"good", "faulted"})) << busy;
  }
}

TEST_F(ending, is_found_behind_more_than_is_read_ahead) {
  std::string frames;
  events all;
  for (int i = 0; i < 200; ++i) {
    all.push_back(std::to_string(i) + std::string(50, '.'));
    frames += client_frame(0x81, all.back());
  }
  all.push_back(early_end);
  for (const bool busy : {false, true}) {
    aborted_ = false;
    EXPECT_EQ(play(frames, busy, &testing::conversation::reset), all);
    EXPECT_TRUE(aborted_);
  }
}

TEST_F(ending, is_told_while_nobody_reads) {
  spoken_->send(websocket_request("/"));
  std::string frames;
  for (int i = 0; i < 200; ++i) frames += client_frame(0x81, std::string(50, '.'));
  spoken_->send(frames);
  EXPECT_FALSE(aborted_);
  spoken_->end();
  spoken_->turns(3);
  EXPECT_TRUE(aborted_) << "although most of it has not been read";
  spoken_->turn([this] { busy_.open(); });
  spoken_->read_all();
  EXPECT_EQ(seen_.size(), 201U);
}

TEST_F(ending, by_a_fault_behind_a_loss_leaves_nothing) {
  for (const auto each : {how::whole, how::closing}) {
    how_ = each;
    make();
    spoken_->send(websocket_request("/"));
    std::string frames;
    for (int i = 0; i < 200; ++i) frames += client_frame(0x81, std::string(50, '.'));
    spoken_->send(frames + client_frame(0xf1, "garbled"));
    spoken_->reset();
    spoken_->turn([this] { busy_.open(); });
    spoken_->turns(5);
    ASSERT_FALSE(seen_.empty());
    EXPECT_EQ(seen_.back(), early_end);
    EXPECT_EQ(spoken_->open_connections(), 0U);
  }
}

/// The peer may be slow: the Close, and what stands before it, are still on their way.
TEST_F(ending, that_the_peer_does_not_answer_comes_behind_the_close) {
  sockets_.close_timeout = std::chrono::milliseconds(100);
  how_ = how::closing;
  make();
  spoken_->send(websocket_request("/"));
  spoken_->turn([this] { busy_.open(); });
  while (seen_.empty()) spoken_->turn([] {});
  EXPECT_EQ(seen_, events{early_end});
  spoken_->read_all();
  EXPECT_EQ(answers(), "\x81\x02m0\x88\x02\x03\xe8");
}

/// Others have their turn meanwhile.
TEST_F(ending, of_ours_leaves_a_receive_that_was_put_off_its_close) {
  how_ = how::late;
  spoken_->send(websocket_request("/"));
  spoken_->turn([this] { busy_.open(); });
  spawn(spoken_->loop(), close_late());
  spoken_->turns(1);
  std::string frames;
  for (int i = 0; i < 1'023; ++i) frames += client_frame(0x82, "");
  frames += client_close(1000, "");
  spoken_->turn([&] {
    spoken_->client().send(std::as_bytes(std::span(frames)));
    late_.open();
    EXPECT_TRUE(seen_.empty());
    late_closing_.open();
  });
  spoken_->turns(3);
  EXPECT_EQ(seen_, events{"close"});
}

TEST_F(ending, of_a_receive_within_a_compressed_message_leaves_it_whole) {
  how_ = how::interrupted;
  const std::string text(400'000, 'a');
  spoken_->send(websocket_request("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  spoken_->turn([this] { busy_.open(); });
  spoken_->send(client_frame(0xc1, testing::zlib_peer().deflate(text)));
  spoken_->turn([this] { stop_.request_stop(); });
  spoken_->turns(1);
  EXPECT_EQ(seen_, events{"canceled"});
  spoken_->turns(20);
  EXPECT_EQ(seen_, (events{"canceled", text}));
}

TEST_F(ending, of_a_receive_is_not_mixed_up_with_the_next_message) {
  how_ = how::interrupted;
  sockets_.receive_read_ahead = 64 * 1024;
  sockets_.max_message_size = 420'000;
  make();
  const std::string text(400'000, 'a');
  spoken_->send(websocket_request("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  // A binary message of 300,000 bytes has begun behind it.
  auto begun = client_frame(0x82, std::string(126, 'b'));
  begun.replace(1, 3, std::string("\xff\0\0\0\0\0\x04\x93\xe0", 9));
  spoken_->send(client_frame(0xc1, testing::zlib_peer().deflate(text)) + begun);
  spoken_->turn([this] { busy_.open(); });
  spoken_->turn([this] { stop_.request_stop(); });
  spoken_->turns(20);
  EXPECT_EQ(seen_, (events{"canceled", text}));
}

/// Of what comes behind our Close only the message that is being received is of interest.
TEST_F(ending, of_ours_within_a_compressed_message_leaves_it_whole) {
  const std::string text(400'000, 'a');
  for (const bool behind : {false, true}) {
    how_ = how::closed_meanwhile;
    make();
    spoken_->send(websocket_request("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
    spoken_->turn([this] { busy_.open(); });
    spawn(spoken_->loop(), close_late());
    spoken_->turns(1);
    testing::zlib_peer compressed;
    const auto first = client_frame(0xc1, compressed.deflate(text));
    const auto second =
        behind ? client_frame(0x82, "plain") : client_frame(0xc1, compressed.deflate("next"));
    spoken_->turn([&] {
      spoken_->client().send(std::as_bytes(std::span(first)));
      late_closing_.open();
    });
    EXPECT_TRUE(seen_.empty());
    spoken_->send(second + client_close(1000, ""));
    spoken_->turns(20);
    EXPECT_EQ(seen_, (events{text, "closed"})) << behind;
  }
}

TEST_F(ending, bounds_what_is_read_ahead_of_empty_frames) {
  spoken_->send(websocket_request("/"));
  std::string frames;
  for (int i = 0; i < 10'000; ++i) frames += client_frame(0x82, "");
  spoken_->send(frames);
  const auto left = spoken_->unread();
  EXPECT_GT(left, frames.size() - 4096) << "an empty frame counts as 64 bytes of the read-ahead";
  spoken_->send(frames);
  EXPECT_EQ(spoken_->unread(), left + frames.size()) << "nothing more is read";
}

}  // namespace
}  // namespace saker
