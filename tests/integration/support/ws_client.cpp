#include "support/ws_client.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace saker::testing {
namespace {

void append_big_endian(std::string& text, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift);
  }
}

}  // namespace

std::string client_frame::bytes() const {
  const auto length = announced >= 0 ? static_cast<std::uint64_t>(announced) : payload.size();
  int form = length_bytes;
  if (form < 0) form = length <= 125 ? 0 : length <= 0xffff ? 2 : 8;
  std::string result;
  result += static_cast<char>((fin ? 0x80U : 0U) | reserved << 4 | opcode);
  const auto short_form = form == 0 ? length : form == 2 ? 126U : 127U;
  result += static_cast<char>((masked ? 0x80U : 0U) | short_form);
  append_big_endian(result, length, form);
  if (!masked) return result + payload;
  constexpr std::string_view mask = "\x12\xa5\x5a\xff";
  result += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    result += static_cast<char>(payload[i] ^ mask[i % 4]);
  }
  return result;
}

std::string handshake_request(std::string_view path, std::string_view fields) {
  return "GET " + std::string(path) +
         " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         std::string(fields) + "\r\n";
}

std::string close_payload(unsigned code, std::string_view text) {
  std::string result;
  append_big_endian(result, code, 2);
  return result.append(text);
}

std::string to_string(carrier protocol) {
  switch (protocol) {
    case carrier::http1: return "http1";
    case carrier::http1_tls: return "http1_tls";
    case carrier::http2: return "http2";
    case carrier::http2_tls: return "http2_tls";
  }
  return {};
}

ws_client::ws_client(std::uint16_t port, std::string_view path, std::string_view extra,
                     std::string_view fields)
    : channel_(std::make_unique<raw_client>(raw_client::connect(port))) {
  upgrade(path, extra, fields);
}

ws_client ws_client::over(carrier protocol, std::uint16_t port, std::string_view path,
                          std::string_view extra, const h2::fields& fields) {
  const bool tls = has_tls(protocol);
  if (!is_http2(protocol)) {
    std::string text;
    for (const auto& [name, value] : fields) text += name + ": " + value + "\r\n";
    ws_client client(std::make_unique<raw_client>(tls ? raw_client::connect_tls(port)
                                                      : raw_client::connect(port)));
    client.upgrade(path, extra, text);
    return client;
  }
  auto connection = h2_client::connect(port, tls);
  auto request = h2::connect(path, tls ? "https" : "http");
  request.insert(request.end(), fields.begin(), fields.end());
  const auto id = connection->next_stream();
  // HEADERS and the first DATA leave together.
  auto bytes = h2_frame{.type = h2::headers,
                        .flags = h2::end_headers,
                        .stream = id,
                        .payload = h2::block(request)}
                   .bytes();
  if (!extra.empty()) {
    bytes += h2_frame{.type = h2::data, .stream = id, .payload = std::string(extra)}.bytes();
  }
  auto& answer = connection->at(id);
  connection->send_bytes(bytes);
  connection->head(id);
  if (answer.status() != "200") throw std::runtime_error("No WebSocket: " + answer.status());
  auto agreed = answer.field("sec-websocket-extensions");
  ws_client client(std::make_unique<h2_channel>(std::move(connection), id));
  client.extensions_ = std::move(agreed);
  return client;
}

void ws_client::upgrade(std::string_view path, std::string_view extra, std::string_view fields) {
  auto& client = raw();
  client.send_all(handshake_request(path, fields) + std::string(extra));
  const auto answer = client.read_until("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 101 ")) throw std::runtime_error("No upgrade: " + answer);
  if (answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") == std::string::npos) {
    throw std::runtime_error("A wrong accept key: " + answer);
  }
  constexpr std::string_view name = "\r\nSec-WebSocket-Extensions: ";
  if (const auto at = answer.find(name); at != std::string::npos) {
    const auto begin = at + name.size();
    extensions_ = answer.substr(begin, answer.find("\r\n", begin) - begin);
  }
}

ws_client ws_client::offering(std::uint16_t port, std::string_view path,
                              std::string_view extensions) {
  return ws_client(port, path, {}, "Sec-WebSocket-Extensions: " + std::string(extensions) + "\r\n");
}

server_frame ws_client::read_frame() {
  const auto head = channel_->read_exactly(2);
  const auto first = static_cast<unsigned char>(head[0]);
  std::uint64_t length = static_cast<unsigned char>(head[1]);
  if (length > 127) throw std::runtime_error("The server has masked a frame.");
  const std::size_t bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (bytes != 0) {
    length = 0;
    for (const char c : channel_->read_exactly(bytes)) {
      length = length << 8 | static_cast<unsigned char>(c);
    }
  }
  const bool compressed = (first & 0x40U) != 0;
  if ((first & 0x30U) != 0 || (compressed && (extensions_.empty() || (first & 0x8U) != 0))) {
    throw std::runtime_error("The server has set reserved bits.");
  }
  return {(first & 0x80U) != 0, first & 0x0fU, channel_->read_exactly(length), compressed};
}

server_frame ws_client::read_message() {
  auto message = read_frame();
  while (!message.fin) {
    const auto next = read_frame();
    EXPECT_EQ(next.opcode, 0U) << "a fragment that is no continuation";
    message.payload += next.payload;
    message.fin = next.fin;
  }
  return message;
}

void ws_client::expect_close(unsigned code) {
  const auto frame = read_frame();
  EXPECT_EQ(frame.opcode, 8U);
  if (code == 0) {
    EXPECT_EQ(frame.payload, "");
  } else {
    EXPECT_EQ(frame.payload.substr(0, 2), close_payload(code)) << "expected " << code;
  }
  EXPECT_EQ(channel_->read_to_eof(), "");
}

void ws_client::close() {
  send({.opcode = 8});
  expect_close(1000);
}

}  // namespace saker::testing
