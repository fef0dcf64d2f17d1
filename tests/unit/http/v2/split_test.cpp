// HTTP/2 in whatever pieces it arrives: cut in two at every byte, and one byte at a time, it means
// the same.

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <map>

#include <saker/websocket/manager.hpp>

#include "http/v2/connection.hpp"
#include "support/conversation.hpp"
#include "support/splitting.hpp"

namespace saker {
namespace {

using testing::client_close;
using testing::client_frame;
using events = std::vector<std::string>;

std::string number(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    text += static_cast<char>(value >> shift);
  return text;
}

std::string frame(unsigned type, unsigned flags, std::uint32_t stream, std::string_view payload) {
  return number(static_cast<std::uint32_t>(payload.size()), 3) + number(type, 1) +
         number(flags, 1) + number(stream, 4) + std::string(payload);
}

std::string field(std::string_view name, std::string_view value) {
  return '\0' + number(static_cast<std::uint32_t>(name.size()), 1) + std::string(name) +
         number(static_cast<std::uint32_t>(value.size()), 1) + std::string(value);
}

std::string block(std::string_view method, std::string_view path, bool socket = false) {
  auto fields = field(":method", method) + field(":scheme", "http") + field(":path", path) +
                field(":authority", "a");
  if (socket) fields += field(":protocol", "websocket") + field("sec-websocket-version", "13");
  return fields;
}

constexpr unsigned end_headers = NGHTTP2_FLAG_END_HEADERS;
constexpr unsigned end_stream = NGHTTP2_FLAG_END_STREAM;
const std::string opening = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(NGHTTP2_SETTINGS, 0, 0, "");

std::string request(std::uint32_t stream, std::string_view method, std::string_view path,
                    unsigned flags) {
  return frame(NGHTTP2_HEADERS, end_headers | flags, stream, block(method, path));
}

/// What each stream has got, and what the connection has: how it was cut into frames, and when
/// windows were given back, is not to be compared.
std::map<std::uint32_t, std::string> told_by(std::string_view sent) {
  std::map<std::uint32_t, std::string> told;
  while (sent.size() >= 9) {
    const auto byte = [&](std::size_t at) -> std::uint32_t {
      return static_cast<unsigned char>(sent[at]);
    };
    const std::size_t size = byte(0) << 16U | byte(1) << 8U | byte(2);
    const unsigned type = byte(3);
    const unsigned flags = byte(4);
    const std::uint32_t stream = byte(7) << 8U | byte(8);
    const auto payload = sent.substr(9, size);
    auto& text = told[stream];
    if (type == NGHTTP2_HEADERS) text += "[head]";
    if (type == NGHTTP2_DATA) text += payload;
    if (type == NGHTTP2_RST_STREAM) text += "[reset " + std::to_string(payload.back()) + "]";
    if (type == NGHTTP2_GOAWAY) text += "[goaway " + std::to_string(payload[7]) + "]";
    if (type == NGHTTP2_PING) text += "[pong " + std::string(payload) + "]";
    if ((type == NGHTTP2_HEADERS || type == NGHTTP2_DATA) && (flags & end_stream) != 0) {
      text += "[end]";
    }
    sent.remove_prefix(std::min(sent.size(), 9 + size));
  }
  return told;
}

struct result {
  std::map<std::uint32_t, std::string> told;
  events seen;
  bool operator==(const result&) const = default;
};

std::ostream& operator<<(std::ostream& out, const result& each) {
  for (const auto& [stream, text] : each.told) out << stream << ": " << text << '\n';
  for (const auto& event : each.seen) out << "  " << event << '\n';
  return out;
}

task<void> answer(http_context& context, events& seen) {
  if (context.websockets().is_websocket_request()) {
    auto socket = co_await context.websockets().accept();
    try {
      for (;;) {
        const auto message = co_await socket.receive_message();
        if (message.is_close()) break;
        seen.push_back("message " + std::string(message.text()));
        co_await socket.send(message.bytes(), message.type());
      }
      co_await socket.close(*socket.close_status());
    } catch (const websocket_error& error) {
      seen.push_back(error.what());
    }
    co_return;
  }
  const auto body = co_await context.request().read_all(100'000);
  seen.push_back(std::string(context.request().path()) + ' ' + body);
  co_await context.response().send(body, "text/plain");
}

result play(std::string_view text, const std::vector<std::size_t>& cuts) {
  result come_to;
  application_builder builder;
  builder.use(websockets_middleware({}));
  builder.run([&](http_context& context) { return answer(context, come_to.seen); });
  http::connection_options options;
  options.application = builder.build();
  options.limits.http2.control_frame_burst = 100'000;
  testing::conversation spoken(std::move(options), http::v2::connection::start);
  testing::hold_in_pieces(spoken, text, cuts);
  come_to.told = told_by(spoken.received());
  return come_to;
}

void expect_same_however_split(const std::string& text, const char* name) {
  testing::expect_same_however_split(text, name, play);
}

TEST(split_http2, means_something) {
  const auto come_to =
      play(opening + request(1, "POST", "/a", 0) + frame(NGHTTP2_DATA, end_stream, 1, "hello"), {});
  EXPECT_EQ(come_to.seen, events{"/a hello"});
  EXPECT_EQ(come_to.told.at(1), "[head]hello[end]");
}

TEST(split_http2, requests) {
  expect_same_however_split(
      opening + request(1, "GET", "/get", end_stream) + frame(NGHTTP2_PING, 0, 0, "12345678") +
          request(3, "POST", "/post", 0) + frame(NGHTTP2_DATA, 0, 3, "hello ") +
          frame(NGHTTP2_WINDOW_UPDATE, 0, 0, number(1000, 4)) + frame(NGHTTP2_DATA, 0, 3, "") +
          frame(NGHTTP2_DATA, end_stream, 3, "world"),
      "requests");
  const auto fields = block("GET", "/long");
  expect_same_however_split(opening + frame(NGHTTP2_HEADERS, end_stream, 1, fields.substr(0, 10)) +
                                frame(NGHTTP2_CONTINUATION, 0, 1, fields.substr(10, 5)) +
                                frame(NGHTTP2_CONTINUATION, end_headers, 1, fields.substr(15)),
                            "a head in pieces");
}

TEST(split_http2, websockets) {
  const auto open = opening + frame(NGHTTP2_HEADERS, end_headers, 1, block("CONNECT", "/", true));
  const auto messages = client_frame(0x81, "one") + client_frame(0x82, "") +
                        client_frame(0x01, "fr") + client_frame(0x89, "p") +
                        client_frame(0x80, "ag");
  expect_same_however_split(
      open + frame(NGHTTP2_DATA, end_stream, 1, messages + client_close(1001, "bye")),
      "a Close with END_STREAM");
  expect_same_however_split(
      open + frame(NGHTTP2_DATA, 0, 1, messages) + frame(NGHTTP2_DATA, end_stream, 1, ""),
      "an end without a Close");
  expect_same_however_split(open + frame(NGHTTP2_DATA, 0, 1, messages + client_frame(0x83, "?")),
                            "a fault");
}

TEST(split_http2, what_is_refused) {
  expect_same_however_split(opening + frame(NGHTTP2_DATA, 0, 9, "idle"), "DATA on idle");
  expect_same_however_split(opening + frame(NGHTTP2_PING, 0, 0, "short"), "a short PING");
  expect_same_however_split(opening + frame(NGHTTP2_HEADERS, end_headers | end_stream, 1,
                                            field(":method", "GET") + field("Upper", "x")),
                            "a bad field");
  expect_same_however_split("PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n", "a bad preface");
}

}  // namespace
}  // namespace saker
