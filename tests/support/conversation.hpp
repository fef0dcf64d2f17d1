#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saker/async/event_loop.hpp>
#include <saker/http/pipeline/middleware.hpp>

#include "http/exchange/connection_options.hpp"
#include "http/v1/connection.hpp"
#include "observe/log.hpp"
#include "support/memory_stream.hpp"

namespace saker::testing {

/// Nothing is logged meanwhile.
class quiet_log {
 public:
  quiet_log() {
    while (level_ != observe::log_level::off && !observe::log_enabled(level_)) {
      level_ = static_cast<observe::log_level>(static_cast<int>(level_) + 1);
    }
    observe::set_log_level(observe::log_level::off);
  }
  quiet_log(const quiet_log&) = delete;
  quiet_log& operator=(const quiet_log&) = delete;
  ~quiet_log() { observe::set_log_level(level_); }

 private:
  observe::log_level level_ = observe::log_level::debug;
};

/// A coroutine stands here until the test lets it go.
class gate {
 public:
  bool await_ready() const noexcept { return open_; }
  void await_suspend(std::coroutine_handle<> waiting) { waiting_ = waiting; }
  void await_resume() const noexcept {}

  void open() {
    open_ = true;
    if (auto waiting = std::exchange(waiting_, {})) waiting.resume();
  }

 private:
  bool open_ = false;
  std::coroutine_handle<> waiting_;
};

/// What a conversation came to, so that two of them can be compared.
struct outcome {
  std::string answers;              ///< Without the Date of each.
  std::vector<std::string> events;  ///< What the handlers noted.
  bool operator==(const outcome&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const outcome& each) {
  out << "answers:\n" << each.answers << "\nevents:\n";
  for (const auto& event : each.events) out << "  " << event << '\n';
  return out;
}

/// One connection, of HTTP/1 unless it is said, on a stream in memory, a turn of the loop at a
/// time.
class conversation {
 public:
  using protocol = void(std::unique_ptr<io::byte_stream>, const http::connection_options&);

  explicit conversation(http::connection_options options,
                        protocol* start = http::v1::connection::start)
      : options_(std::move(options)) {
    turn([&] { start(std::make_unique<stream>(loop_, peer_), options_); });
  }
  ~conversation() {
    turn([this] { peer_->reset(); });
    turns(5);
  }
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;

  void turn(std::function<void()> action) {
    loop_.post(std::move(action));
    loop_.post([this] { loop_.stop(); });
    loop_.run();
  }
  void turns(int count) {
    for (int i = 0; i < count; ++i) turn([] {});
  }
  void send(std::string_view bytes) {
    turn([&] { peer_->send(std::as_bytes(std::span(bytes))); });
  }
  void end() {
    turn([this] { peer_->end(); });
  }
  void reset() {
    turn([this] { peer_->reset(); });
  }
  /// Reads all that there is, until nothing more comes.
  void read_all() {
    for (int quiet = 0; quiet < 5;) {
      const auto before = peer_->received.size();
      turn([this] { peer_->read(static_cast<std::size_t>(-1)); });
      quiet = peer_->received.size() == before ? quiet + 1 : 0;
    }
  }
  std::string answers() const {
    auto text = peer_->received;
    for (auto at = text.find("Date: "); at != std::string::npos; at = text.find("Date: ", at)) {
      text.erase(at, text.find("\r\n", at) + 2 - at);
    }
    return text;
  }
  /// All that the server has sent.
  const std::string& received() const noexcept { return peer_->received; }
  std::size_t open_connections() { return loop_.state().open_connections(); }
  /// What the server has not read of what was sent.
  std::size_t unread() const noexcept { return peer_->unread(); }
  event_loop& loop() noexcept { return loop_; }
  /// For what happens within one turn.
  peer& client() noexcept { return *peer_; }

 private:
  const quiet_log quiet_;
  const http::connection_options options_;
  event_loop loop_;
  std::shared_ptr<peer> peer_ = std::make_shared<peer>();
};

/// A frame of a client, masked with zeros, which leave the payload readable.
inline std::string client_frame(unsigned first_byte, std::string_view payload) {
  std::string frame{static_cast<char>(first_byte)};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80U | payload.size());
  } else {
    frame += '\xfe';
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size());
  }
  frame.append(4, '\0');
  return frame.append(payload);
}

inline std::string client_close(unsigned status, std::string_view text) {
  return client_frame(
      0x88, std::string{static_cast<char>(status >> 8), static_cast<char>(status)}.append(text));
}

inline std::string websocket_request(std::string_view path, std::string_view more_fields = {}) {
  return "GET " + std::string(path) +
         " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         std::string(more_fields) + "\r\n";
}

}  // namespace saker::testing
