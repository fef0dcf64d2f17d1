#pragma once

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saker/async/event_loop.hpp>

#include "async/loop_state.hpp"
#include "io/byte_stream.hpp"

namespace saker::testing {

inline std::string big_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift);
  }
  return text;
}

inline std::string frame(unsigned type, unsigned flags, std::uint32_t stream,
                         std::string_view payload = {}) {
  return big_endian(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + big_endian(stream, 4) + std::string(payload);
}

/// Literal fields, each shorter than 127 bytes.
inline std::string block(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text += '\0';
    text += static_cast<char>(name.size()) + name;
    text += static_cast<char>(value.size()) + value;
  }
  return text;
}

inline std::string request(std::uint32_t stream, std::string_view path, bool end = true) {
  const unsigned flags = end ? 5U : 4U;  // END_HEADERS, END_STREAM.
  return frame(NGHTTP2_HEADERS, flags, stream,
               block({{":method", "GET"},
                      {":scheme", "http"},
                      {":path", std::string(path)},
                      {":authority", "a"}}));
}

inline std::string extended_connect(std::uint32_t stream, std::string_view path) {
  return frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, stream,
               block({{":method", "CONNECT"},
                      {":protocol", "test"},
                      {":scheme", "http"},
                      {":path", std::string(path)},
                      {":authority", "a"}}));
}

inline std::string preface() {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(NGHTTP2_SETTINGS, 0, 0);
}

struct seen_frame {
  unsigned type;
  unsigned flags;
  std::uint32_t stream;
  std::string payload;
};

/// What a wire and its peer have in common; it outlives the wire.
struct wire_state {
  io::stream_handler* handler = nullptr;
  std::string output;  ///< Written and not taken by the peer.
  std::string taken;
  std::string unread;  ///< What the handler has left.
  bool reading = true;
  bool aborted = false;
  bool closed = false;
  std::size_t drained_below = 0;

  /// Shows what comes, as far as it is read.
  void send(std::string_view bytes) {
    unread += bytes;
    while (handler && reading && !unread.empty()) {
      std::vector<std::byte> copy(unread.size());
      std::copy_n(reinterpret_cast<const std::byte*>(unread.data()), unread.size(), copy.begin());
      const auto used = handler->on_read(copy);
      if (used == 0) break;
      unread.erase(0, used);
    }
  }
  void take(std::size_t most) {
    const auto count = std::min(most, output.size());
    taken.append(output, 0, count);
    output.erase(0, count);
    if (handler && drained_below != 0 && output.size() < drained_below) {
      drained_below = 0;
      handler->on_drained();
    }
  }
  std::vector<seen_frame> frames() const {
    std::vector<seen_frame> all;
    const auto number = [](std::string_view bytes) {
      std::uint32_t value = 0;
      for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
      return value;
    };
    const auto text = std::string_view(taken);
    for (std::size_t at = 0; at + 9 <= text.size();) {
      const auto size = number(text.substr(at, 3));
      if (at + 9 + size > text.size()) break;
      all.push_back({static_cast<unsigned char>(text[at + 3]),
                     static_cast<unsigned char>(text[at + 4]), number(text.substr(at + 5, 4)),
                     std::string(text.substr(at + 9, size))});
      at += 9 + size;
    }
    return all;
  }
  std::size_t count(unsigned type) const {
    const auto all = frames();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const auto& each) { return each.type == type; }));
  }
};

/// A byte stream of which the test sees and decides everything: nothing leaves by itself.
class wire final : public io::byte_stream {
 public:
  wire(event_loop& loop, std::shared_ptr<wire_state> state)
      : loop_(loop), state_(std::move(state)) {}
  ~wire() override { state_->handler = nullptr; }

  event_loop& loop() noexcept override { return loop_; }
  std::string remote_endpoint() const override { return "wire:"; }
  void set_handler(io::stream_handler* handler) noexcept override { state_->handler = handler; }
  void pause_reading() noexcept override { state_->reading = false; }
  void resume_reading() override { state_->reading = true; }
  void write(std::span<const std::byte> data) override {
    if (data.empty()) return;
    state_->output.append(reinterpret_cast<const char*>(data.data()), data.size());
  }
  void write(std::span<const std::byte> head, std::span<const std::byte> payload) override {
    write(head);
    write(payload);
  }
  void write_through(std::span<const std::byte> data) override { write(data); }
  std::size_t queued() const noexcept override { return state_->output.size(); }
  std::uint64_t sent() const noexcept override { return state_->taken.size(); }
  void notify_drained(std::size_t below) noexcept override { state_->drained_below = below; }
  void hold(std::unique_ptr<async::disposable>) noexcept override {}
  void abort() noexcept override {
    state_->handler = nullptr;
    state_->aborted = true;
  }
  void close(std::unique_ptr<io::byte_stream> self, std::chrono::milliseconds) override {
    state_->handler = nullptr;
    state_->closed = true;
    loop_.state().retire(std::move(self));
  }

 private:
  event_loop& loop_;
  std::shared_ptr<wire_state> state_;
};

}  // namespace saker::testing
