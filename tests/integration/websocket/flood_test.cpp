// Everything the fuzzers have kept, thrown at a server's sockets, while others are served.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/ws_client.hpp"
#include "websocket/echo_server.hpp"

namespace saker::testing {
namespace {

std::vector<std::string> kept_inputs() {
  std::vector<std::string> inputs;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SAKER_FUZZ_CORPUS)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

void expect_echo(ws_client& client, const std::string& text) {
  client.send({.opcode = 1, .payload = text});
  ASSERT_EQ(client.read_message().payload, text);
}

TEST(websocket_flood, does_not_disturb_a_well_formed_client) {
  const test_server server(configure_echoes);
  ws_client served(server.port(), "/messages");
  const auto inputs = kept_inputs();
  ASSERT_GT(inputs.size(), 100U);
  std::vector<raw_client> half_open;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    auto plain = raw_client::connect(server.port());
    plain.try_send_all(inputs[i]);
    auto upgraded = raw_client::connect(server.port());
    upgraded.try_send_all(handshake_request(i % 2 == 0 ? "/pieces" : "/messages") + inputs[i]);
    if (i % 3 == 0) plain.reset();
    if (i % 3 == 1) upgraded.reset();
    if (i % 3 == 2) half_open.push_back(std::move(upgraded));
    if (i % 10 == 0) expect_echo(served, "still served " + std::to_string(i));
  }
  expect_echo(served, "at the end");
  ws_client late(server.port(), "/pieces");
  expect_echo(late, "newcomers too");
}

TEST(websocket_flood, resets_at_every_byte_do_not_disturb_a_well_formed_client) {
  const test_server server(configure_echoes);
  ws_client served(server.port(), "/messages");
  const auto exchange = handshake_request("/messages") +
                        client_frame{.opcode = 1, .payload = "a", .fin = false}.bytes() +
                        client_frame{.opcode = 9, .payload = "ping"}.bytes() +
                        client_frame{.opcode = 0, .payload = std::string(200, 'b')}.bytes() +
                        client_frame{.opcode = 8, .payload = close_payload(1000)}.bytes();
  for (std::size_t size = 0; size <= exchange.size(); ++size) {
    auto client = raw_client::connect(server.port());
    client.send_all(exchange.substr(0, size));
    size % 2 == 0 ? client.reset() : client.close();
    if (size % 20 == 0) expect_echo(served, std::to_string(size));
  }
  expect_echo(served, "at the end");
}

}  // namespace
}  // namespace saker::testing
