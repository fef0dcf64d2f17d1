#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/ws_client.hpp"

namespace saker::testing {

/// A client of a hub that sends exactly what it is told, in JSON without the record separators (or
/// what ends a message in the protocol that it asks for).
class hub_client {
 public:
  explicit hub_client(std::uint16_t port, std::string_view path = "/hub",
                      std::string_view handshake = R"({"protocol":"json","version":1})",
                      char end = '\x1e')
      : socket_(port, path) {
    send(handshake);
    handshake_answer_ = read();
    end_ = end;
  }

  const std::string& handshake_answer() const noexcept { return handshake_answer_; }
  ws_client& socket() noexcept { return socket_; }

  void send(std::string_view message) { send_raw(std::string(message) + end_); }
  void send_raw(std::string bytes, unsigned opcode = 1) {
    socket_.send({.opcode = opcode, .payload = std::move(bytes)});
  }
  void invoke(std::string_view id, std::string_view target, std::string_view arguments) {
    send(R"({"type":1,"invocationId":")" + std::string(id) + R"(","target":")" +
         std::string(target) + R"(","arguments":[)" + std::string(arguments) + "]}");
  }

  /// The next message but for pings.
  std::string read() {
    for (;;) {
      const auto end = received_.find(end_);
      if (end == std::string::npos) {
        received_ += socket_.read_message().payload;
        continue;
      }
      auto message = received_.substr(0, end);
      received_.erase(0, end + 1);
      if (message != R"({"type":6})") return message;
    }
  }
  std::string call(std::string_view target, std::string_view arguments) {
    invoke("1", target, arguments);
    return read();
  }

 private:
  ws_client socket_;
  char end_ = '\x1e';
  std::string handshake_answer_;
  std::string received_;
};

}  // namespace saker::testing
