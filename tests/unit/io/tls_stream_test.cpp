#include "io/tls_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <saker/async/event_loop.hpp>

#include "support/memory_stream.hpp"
#include "support/memory_tls_client.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_certificate.hpp"

namespace saker::io {
namespace {

tls_server& server() {
  static const testing::temporary_directory directory;
  static tls_server made([] {
    const auto certificate = testing::test_certificate::for_server("unit");
    tls_options options;
    options.certificates.resize(1);
    options.certificates[0].certificate_file =
        directory.write("a.crt", certificate.certificate_pem());
    options.certificates[0].key_file = directory.write("a.key", certificate.key_pem());
    return options;
  }());
  return made;
}

/// Takes what it is told to, and notes the order of what comes.
struct reader final : io::stream_handler {
  std::size_t on_read(std::span<std::byte> data) override {
    if (data.size() < least || read_budget() == 0) return 0;
    const auto used = std::min(data.size(), most);
    events.append(reinterpret_cast<const char*>(data.data()), used);
    if (pauses) stream->pause_reading();
    queued_then = noted_queued();
    if (answers) {
      stream->write(std::as_bytes(std::span(std::string_view("answer"))));
      stream->notify_drained(1);
    }
    return used;
  }
  void on_read_end() override { events += "<end>"; }
  void on_error(std::error_code) override { events += "<error>"; }
  void on_end_arrived(std::error_code error) override {
    events += error ? "<loss arrived>" : "<end arrived>";
  }
  void on_drained() override { stream->resume_reading(); }
  std::size_t read_budget() const noexcept override {
    return answers && noted_queued() != 0 ? 0 : budget;
  }

  io::byte_stream* stream = nullptr;
  std::string events;
  std::size_t least = 0;
  std::size_t most = 1'000'000;
  std::size_t budget = 64 * 1024;
  bool pauses = false;
  std::size_t queued_then = 0;
  bool answers = false;  ///< Reads on when the answer has been taken.
};

class tls_stream_test : public ::testing::Test {
 protected:
  tls_stream_test() {
    turn([&] {
      auto below = std::make_unique<testing::stream>(loop_, peer_);
      below_ = below.get();
      stream_ = std::make_unique<tls_stream>(std::move(below), server(), "no");
      stream_->set_handler(&reader_);
      reader_.stream = stream_.get();
    });
    for (int i = 0; i < 3; ++i) exchange();
    EXPECT_TRUE(client_.is_ready());
  }
  ~tls_stream_test() override {
    turn([&] { stream_.reset(); });
  }

  template <class Action>
  void turn(Action action) {
    loop_.post(std::move(action));
    loop_.post([this] { loop_.stop(); });
    loop_.run();
  }
  void send(const std::string& bytes) {
    turn([&] { peer_->send(std::as_bytes(std::span(bytes))); });
  }
  /// One record each.
  std::string encrypt(std::initializer_list<std::string_view> texts) {
    std::string records;
    for (const auto text : texts) records += client_.encrypt(text);
    return records;
  }
  /// Until nobody has anything to say.
  void exchange() {
    do {
      turn([&] { peer_->read(1'000'000); });
      send(client_.advance(std::exchange(peer_->received, {})));
    } while (below_->queued() > 0);
  }
  void resume() {
    turn([&] { stream_->resume_reading(); });
  }

  event_loop loop_;
  std::shared_ptr<testing::peer> peer_ = std::make_shared<testing::peer>();
  testing::memory_tls_client client_;
  reader reader_;
  testing::stream* below_ = nullptr;
  std::unique_ptr<tls_stream> stream_;
};

TEST_F(tls_stream_test, shows_the_end_behind_what_came_before_it) {
  reader_.most = 5;
  reader_.pauses = true;
  const auto data = encrypt({"hello", "world"});
  send(data + client_.end());
  EXPECT_EQ(reader_.events, "hello<end arrived>");
  resume();
  EXPECT_EQ(reader_.events, "hello<end arrived>world");
  resume();
  EXPECT_EQ(reader_.events, "hello<end arrived>world<end>");
  // The peer has ended its side only.
  turn([&] { stream_->write(std::as_bytes(std::span(std::string_view("answer")))); });
  exchange();
  EXPECT_EQ(client_.received, "answer");
}

/// Otherwise somebody who writes without end is never told to wait, and never told of the end.
TEST_F(tls_stream_test, takes_nothing_to_send_once_the_client_has_broken_the_channel) {
  auto data = encrypt({"hello", "world"});
  data.back() = static_cast<char>(data.back() ^ 1);
  send(data);
  EXPECT_EQ(reader_.events, "hello<error>");
  EXPECT_EQ(reader_.queued_then, io::stream_handler::never_sent);
  // The stream may be handed on meanwhile.
  reader other;
  turn([&] { stream_->set_handler(&other); });
  EXPECT_EQ(other.noted_queued(), io::stream_handler::never_sent);
}

/// What the handler owes has been encrypted and waits below; it has not gone on yet.
TEST_F(tls_stream_test, shows_the_end_behind_what_a_handler_that_owes_has_left) {
  reader_.most = 5;
  reader_.answers = true;
  const auto data = encrypt({"hello", "world"});
  send(data + client_.end());
  EXPECT_EQ(reader_.events, "hello<end arrived>");
  exchange();
  EXPECT_EQ(reader_.events, "hello<end arrived>world<end>");
  EXPECT_EQ(client_.received, "answeranswer");
}

TEST_F(tls_stream_test, shows_an_end_without_close_notify_behind_what_came_before_it) {
  reader_.most = 5;
  reader_.pauses = true;
  send(encrypt({"hello", "world"}));
  turn([&] { peer_->end(); });
  EXPECT_EQ(reader_.events, "hello<end arrived>");
  resume();
  EXPECT_EQ(reader_.events, "hello<end arrived>world");
  resume();
  EXPECT_EQ(reader_.events, "hello<end arrived>world<end>");
}

TEST_F(tls_stream_test, shows_a_loss_behind_what_came_before_it) {
  reader_.most = 5;
  reader_.pauses = true;
  send(encrypt({"hello", "world"}));
  turn([&] { peer_->reset(); });
  EXPECT_EQ(reader_.events, "hello<loss arrived>");
  resume();
  EXPECT_EQ(reader_.events, "hello<loss arrived>world");
  resume();
  EXPECT_EQ(reader_.events, "hello<loss arrived>world<error>");
}

/// Else who writes without end would never wait, and have the loop for itself.
TEST_F(tls_stream_test, takes_nothing_for_a_client_that_is_lost_and_tells_the_next_handler) {
  reader_.budget = 0;
  send(encrypt({"unread"}));
  turn([&] { peer_->reset(); });
  EXPECT_EQ(reader_.events, "<loss arrived>");
  const std::string text(100'000, 'x');
  reader next;
  next.stream = stream_.get();
  next.budget = 0;
  turn([&] {
    stream_->set_handler(&next);
    EXPECT_EQ(next.noted_queued(), io::stream_handler::never_sent);
    stream_->write(std::as_bytes(std::span(text)));
    EXPECT_EQ(next.noted_queued(), io::stream_handler::never_sent);
    EXPECT_EQ(stream_->queued(), 0U);
  });
  EXPECT_EQ(next.events, "<loss arrived>");
  next.budget = 1'000;
  turn([&] { stream_->resume_reading(); });
  turn([] {});
  EXPECT_EQ(next.events, "<loss arrived>unread<error>");
}

TEST_F(tls_stream_test, shows_the_end_to_a_reader_that_waits_for_more) {
  reader_.least = 100;
  const auto half = client_.encrypt("half");
  send(half + client_.end());
  EXPECT_EQ(reader_.events, "<end>");
}

TEST_F(tls_stream_test, tells_of_the_end_while_the_budget_is_used_up) {
  reader_.most = 5;
  const auto data = encrypt({"hello", "world"});
  reader_.pauses = true;
  send(data);
  reader_.pauses = false;
  reader_.budget = 0;
  resume();
  send(client_.end());
  EXPECT_EQ(reader_.events, "hello") << "nothing is read, and nothing lost";
  reader_.budget = 100;
  resume();
  turn([&] { peer_->send({}); });
  EXPECT_EQ(reader_.events, "helloworld<end>");
}

TEST_F(tls_stream_test, shows_what_was_whole_before_a_broken_record) {
  reader_.most = 5;
  reader_.pauses = true;
  const auto whole = encrypt({"hello", "world"});
  auto broken = client_.encrypt("broken");
  broken.back() = static_cast<char>(broken.back() ^ 1);
  send(whole + broken);
  EXPECT_EQ(reader_.events, "hello<loss arrived>");
  resume();
  EXPECT_EQ(reader_.events, "hello<loss arrived>world");
  resume();
  EXPECT_EQ(reader_.events, "hello<loss arrived>world<error>");
}

TEST_F(tls_stream_test, shows_as_much_as_the_reader_needs_at_once) {
  reader_.least = 300'000;
  std::string text(300'000, ' ');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  std::string records;
  for (std::size_t i = 0; i < text.size(); i += 10'000) {
    records += client_.encrypt(text.substr(i, 10'000));
  }
  for (std::size_t i = 0; i < records.size(); i += 50'000) send(records.substr(i, 50'000));
  EXPECT_TRUE(reader_.events == text) << reader_.events.size();
}

TEST_F(tls_stream_test, takes_new_keys_now_and_then) {
  std::string updates;
  for (int i = 0; i < 50; ++i) updates += client_.update_keys();
  send(updates + client_.encrypt("hello"));
  exchange();
  EXPECT_EQ(reader_.events, "hello");
  turn([&] { stream_->write(std::as_bytes(std::span(std::string_view("answer")))); });
  exchange();
  EXPECT_EQ(client_.received, "answer");
}

TEST_F(tls_stream_test, gives_up_a_peer_that_asks_for_new_keys_again_and_again) {
  std::string updates;
  for (int i = 0; i < 1'000; ++i) updates += client_.update_keys();
  send(updates + client_.encrypt("hello"));
  EXPECT_EQ(reader_.events, "<error>");
  EXPECT_LT(below_->queued(), 8'000U) << "no more is answered than is allowed";
}

TEST_F(tls_stream_test, reads_on_while_only_the_application_owes) {
  const std::string large(1'000'000, 'x');
  turn([&] { stream_->write(std::as_bytes(std::span(large))); });
  EXPECT_GE(below_->queued(), tls_channel::most_below);
  send(client_.encrypt("hello"));
  EXPECT_EQ(reader_.events, "hello");
  // One answer behind the output holds the reading until it is taken.
  auto updates = client_.update_keys();
  updates += client_.update_keys();  // With it OpenSSL answers the first.
  send(updates + client_.encrypt("world"));
  EXPECT_EQ(reader_.events, "hello");
  exchange();
  EXPECT_EQ(reader_.events, "helloworld");
  EXPECT_TRUE(client_.received == large);
}

TEST_F(tls_stream_test, drops_what_comes_while_it_ends) {
  reader_.pauses = true;
  const std::string large(1'000'000, 'x');
  send(client_.encrypt("hello"));
  turn([&] {
    stream_->write(std::as_bytes(std::span(large)));
    io::close_in_order(std::move(stream_));
  });
  for (int i = 0; i < 100; ++i) send(client_.encrypt(std::string(10'000, 'y')));
  exchange();
  turn([&] { peer_->end(); });
  turn([] {});
  EXPECT_TRUE(client_.received == large);
  EXPECT_FALSE(peer_->is_connected());
  EXPECT_EQ(loop_.state().open_connections(), 0);
}

}  // namespace
}  // namespace saker::io
