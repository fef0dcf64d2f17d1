// Whatever the pieces in which a conversation arrives, it means the same: cut in two at every byte,
// and one byte at a time.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <saker/websocket/manager.hpp>

#include "support/conversation.hpp"
#include "support/splitting.hpp"
#include "support/zlib_peer.hpp"

namespace saker {
namespace {

using testing::client_close;
using testing::client_frame;
using testing::outcome;
using testing::websocket_request;
using events = std::vector<std::string>;

task<void> note_body(http_context& context, events& seen) {
  if (context.request().path() == "/ignore") {
    co_await context.response().send("ignored");
    co_return;
  }
  std::string body;
  try {
    body = co_await context.request().read_all(100'000);
  } catch (const std::exception&) {
    seen.push_back("the body failed");
    throw;
  }
  std::string note(context.request().method());
  note += ' ';
  note += context.request().path();
  note += ' ' + body;
  for (const auto& [name, value] : context.request().trailers()) {
    note += " trailer " + std::string(name) + '=' + std::string(value);
  }
  seen.push_back(note);
  co_await context.response().send(body, "text/plain");
}

task<void> echo_messages(http_context& context, events& seen) {
  auto socket = co_await context.websockets().accept({.dangerous_enable_compression = true});
  try {
    for (;;) {
      const auto message = co_await socket.receive_message();
      if (message.is_close()) break;
      seen.push_back("message " + std::string(message.text()));
      co_await socket.send(message.bytes(), message.type());
    }
    seen.push_back("close " + std::to_string(static_cast<int>(*socket.close_status())) +
                   socket.close_status_description());
    co_await socket.close(*socket.close_status(), socket.close_status_description());
  } catch (const websocket_error& error) {
    seen.push_back(error.what());
  }
}

http::connection_options options_noting(events& seen) {
  application_builder builder;
  websocket_options sockets;
  sockets.max_message_size = 100'000;
  builder.use(websockets_middleware(sockets));
  builder.map("/ws", [&seen](application_builder& branch) {
    branch.run([&seen](http_context& context) { return echo_messages(context, seen); });
  });
  builder.run([&seen](http_context& context) { return note_body(context, seen); });
  http::connection_options options;
  options.application = builder.build();
  return options;
}

using cuts = std::vector<std::size_t>;

outcome play(std::string_view text, const cuts& at) {
  outcome result;
  testing::conversation spoken(options_noting(result.events));
  testing::hold_in_pieces(spoken, text, at);
  result.answers = spoken.answers();
  EXPECT_EQ(spoken.open_connections(), 0U) << "nothing stays";
  return result;
}

void expect_same_however_split(std::string_view text, const std::string& name) {
  testing::expect_same_however_split(text, name, play);
}

/// The compressor learns from what it has compressed: only what its messages hold is the same.
void expect_same_events_however_split(std::string_view text, const std::string& name) {
  testing::expect_same_however_split(
      text, name, [](std::string_view all, const cuts& at) { return play(all, at).events; });
}

const std::string chunked =
    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\n1;name=\"va lue\"\r\n \r\na\r\n0123456789\r\n0\r\nX-Trailer: last\r\n\r\n";

TEST(split_http1, means_something) {
  EXPECT_EQ(play(chunked, {}).events, events{"POST /a hello 0123456789 trailer X-Trailer=last"});
  const auto spoken =
      play(websocket_request("/ws") + client_frame(0x81, "hello") + client_close(1001, "bye"), {});
  EXPECT_EQ(spoken.events, (events{"message hello", "close 1001bye"}));
  EXPECT_TRUE(
      spoken.answers.ends_with("\x81\x05hello\x88\x05\x03\xe9"
                               "bye"))
      << spoken.answers;
}

TEST(split_http1, requests) {
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  expect_same_however_split(get, "a request");
  expect_same_however_split(chunked, "a chunked body");
  expect_same_however_split(get + chunked + get + chunked + get, "pipelined requests");
  expect_same_however_split("\r\n\r\n" + get + "\r\n" + get, "blank lines between requests");
  expect_same_however_split(
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world" + get, "a body");
  expect_same_however_split(
      "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"
      "hello world" +
          get,
      "a body that nobody reads");
  expect_same_however_split("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get, "HEAD");
}

TEST(split_http1, what_is_refused) {
  const std::string head = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string_view body :
       {"5\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "g\r\n",
        "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", "ffffffffffffffffff\r\n", "0\r\nbad trailer\r\n\r\n"}) {
    expect_same_however_split(head + std::string(body), std::string(body));
  }
  expect_same_however_split("GET / HTTP/1.1\nHost: a\r\n\r\n", "a bare line feed");
  expect_same_however_split("GET / HTTP/1.1\r\n\r\n", "no host");
  expect_same_however_split("GET / HTTP/9.9\r\nHost: a\r\n\r\n", "a version");
}

TEST(split_http1, a_long_head_and_a_long_body) {
  expect_same_however_split(
      "GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(30'000, 'x') + "\r\n\r\n",
      "a long head");
  expect_same_however_split(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4e20\r\n" +
          std::string(20'000, 'x') + "\r\n0\r\n\r\n",
      "a body");
}

TEST(split_websocket, frames) {
  const auto open = websocket_request("/ws");
  expect_same_however_split(open + client_frame(0x81, "hello") + client_frame(0x82, "") +
                                client_frame(0x01, "frag") + client_frame(0x89, "ping") +
                                client_frame(0x00, "") + client_frame(0x80, "ment") +
                                client_frame(0x81, std::string(300, 'y')) +
                                client_frame(0x8a, "pong") + client_close(1001, "bye"),
                            "messages and a Close");
  expect_same_however_split(open + client_frame(0x81, "h\xc3\xa4h") + client_frame(0x01, "\xc3") +
                                client_frame(0x80, "\xa4") + client_close(4000, ""),
                            "UTF-8");
  expect_same_however_split(open + client_frame(0x01, "a fragment") + client_close(1001, "bye"),
                            "a Close inside a message");
}

TEST(split_websocket, faults_behind_messages) {
  const auto before =
      websocket_request("/ws") + client_frame(0x81, "one") + client_frame(0x82, "two");
  expect_same_however_split(before + client_frame(0x83, "?"), "an unknown opcode");
  expect_same_however_split(before + client_frame(0x81, "\xff"), "not UTF-8");
  expect_same_however_split(before + "\x81\x01x", "no mask");
  expect_same_however_split(before + client_frame(0x80, "x"), "a stray continuation");
  expect_same_however_split(before + client_frame(0x88, "x"), "half a status");
  expect_same_however_split(before + client_frame(0x09, "x"), "a fragmented ping");
}

TEST(split_websocket, compressed_messages) {
  testing::zlib_peer peer;
  const auto open = websocket_request("/ws", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  const auto text = testing::json_text(700);
  auto first = peer.deflate(text.substr(0, 300), false);
  expect_same_events_however_split(open + client_frame(0xc1, peer.deflate(text)) +
                                       client_frame(0xc1, peer.deflate("")) +
                                       client_frame(0x81, "plain") + client_close(1000, ""),
                                   "compressed messages");
  testing::zlib_peer other;
  first = other.deflate(text.substr(0, 300), false);
  expect_same_events_however_split(open + client_frame(0x41, first) + client_frame(0x89, "ping") +
                                       client_frame(0x80, other.deflate(text.substr(300))) +
                                       client_close(1000, ""),
                                   "fragments of a compressed message");
}

/// What the peers of the fuzz target's kept inputs send, without their pauses.
std::string sent_by(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string data{std::istreambuf_iterator<char>(stream), {}};
  std::string sent;
  std::size_t at = data.empty() ? 0 : 1 + (static_cast<unsigned char>(data[0]) & 7U);
  while (at < data.size()) {
    const auto choice = static_cast<unsigned char>(data[at++]);
    const auto kind = choice >> 5U;
    std::size_t size = 0;
    if (kind == 0) size = (choice & 31U) + 1U;
    if (kind == 1) size = (choice & 31U) * 32U;
    if (kind > 5) size = data.size();
    if (at < data.size()) sent += data.substr(at, size);
    at += std::min(size, data.size() - at);
  }
  return sent;
}

TEST(split_corpus, every_kept_conversation) {
  std::size_t played = 0;
  for (const auto& each : std::filesystem::directory_iterator(SAKER_CONNECTION_CORPUS)) {
    const auto sent = sent_by(each.path());
    if (sent.empty() || sent.size() > 4096) continue;
    ++played;
    const auto name = each.path().filename().string();
    expect_same_however_split(sent, name);
  }
  EXPECT_GT(played, 100U);
}

}  // namespace
}  // namespace saker
