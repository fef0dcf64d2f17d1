#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/loop_state.hpp"
#include "io/byte_stream.hpp"

namespace saker::testing {

class stream;

/// Fails one operation of a stream, the n-th, as if the network had gone: reads, writes and waits
/// for the peer count. 0: none.
struct fault_plan {
  int fail_at = 0;
  int operations = 0;
  bool is_due() { return ++operations == fail_at; }
};

/// The peer of a stream, in the same thread: it sends, reads, ends and resets. It outlives the
/// stream; after that its calls do nothing.
class peer {
 public:
  void send(std::span<const std::byte> data);
  /// Takes up to that many bytes off what the server has written.
  void read(std::size_t most);
  void end();
  void reset();
  bool is_connected() const noexcept { return stream_ != nullptr; }
  /// What the server has not read.
  std::size_t unread() const noexcept { return outbox_.size(); }

  std::string received;
  fault_plan faults;

 private:
  friend class stream;
  void arrive();

  stream* stream_ = nullptr;
  std::vector<std::byte> outbox_;
  bool ended_ = false;
};

/// A byte stream in memory, with the order of events of the one on a socket. What is written waits
/// until the peer reads it.
class stream final : public io::byte_stream, private async::turn_task {
 public:
  stream(event_loop& loop, std::shared_ptr<peer> other) : loop_(loop), peer_(std::move(other)) {
    peer_->stream_ = this;
  }
  ~stream() override { peer_->stream_ = nullptr; }

  event_loop& loop() noexcept override { return loop_; }
  std::string remote_endpoint() const override { return "memory:"; }
  void set_handler(io::stream_handler* handler) noexcept override {
    handler_ = handler;
    announced_ = 0;
    if (handler_ && lost_) handler_->note_queued(io::stream_handler::never_sent);
    later();
  }
  void pause_reading() noexcept override { reading_ = false; }
  void resume_reading() override {
    reading_ = true;
    show_again_ = true;
    later();
  }
  void write(std::span<const std::byte> data) override {
    if (lost_ || fault()) return;
    const auto* const text = reinterpret_cast<const char*>(data.data());
    output_.append(data.empty() ? "" : text, data.size());
    if (handler_) handler_->note_queued(output_.size());
    later();
  }
  void write(std::span<const std::byte> head, std::span<const std::byte> payload) override {
    write(head);
    write(payload);
  }
  void write_through(std::span<const std::byte> data) override { write(data); }
  std::size_t queued() const noexcept override { return output_.size(); }
  std::uint64_t sent() const noexcept override { return sent_; }
  void notify_drained(std::size_t below) noexcept override {
    drained_below_ = below;
    fault();
    later();
  }
  void hold(std::unique_ptr<async::disposable> lease) noexcept override {
    lease_ = std::move(lease);
  }
  void abort() noexcept override {
    lost_ = true;
    handler_ = nullptr;
    output_.clear();
  }
  void close(std::unique_ptr<io::byte_stream> self, std::chrono::milliseconds) override {
    handler_ = nullptr;
    if (lost_) {
      loop_.state().retire(std::move(self));
      return;
    }
    closing_ = true;
    loop_.state().keep(std::move(self));
    later();
  }

 private:
  friend class peer;

  /// True when this operation fails.
  bool fault() noexcept {
    if (!peer_->faults.is_due()) return false;
    peer_->reset();
    return true;
  }

  void later() noexcept { loop_.state().at_turn_end(*this); }

  void on_turn_end() override {
    if (closing_) {
      if (peer_->ended_ && output_.empty()) finish();
      return;
    }
    if (std::exchange(show_again_, false) && !unread_.empty() && handler_ && reading_) {
      show(std::exchange(unread_, {}));
    }
    if (!lost_ && drained_below_ != 0 && output_.size() < drained_below_ && handler_) {
      drained_below_ = 0;
      handler_->on_drained();
    }
    peer_->arrive();
  }

  bool is_reading() const { return handler_ && reading_ && handler_->read_budget() != 0; }

  /// What comes after the last byte: to be read, or, while nothing is, to be known.
  void report_end(bool ended) {
    if (!handler_ || show_again_ || !(ended || error_)) return;
    const auto news = error_ ? 2 : 1;
    if ((error_ || !is_reading()) && announced_ < news) {
      announced_ = news;
      handler_->on_end_arrived(error_);
    }
    if (!handler_ || !is_reading() || !peer_->outbox_.empty()) return;
    if (error_) {
      std::exchange(handler_, nullptr)->on_error(error_);
    } else if (!std::exchange(end_shown_, true)) {
      handler_->on_read_end();
    }
  }

  /// A copy of exactly these bytes, so that the sanitizer sees what is touched beyond them.
  void show(std::vector<std::byte> data) {
    std::size_t used = 0;
    while (used < data.size() && handler_ && reading_) {
      auto* const before = handler_;
      const auto count = before->on_read(std::span(data).subspan(used));
      used += std::min(count, data.size() - used);
      if (count == 0 && handler_ == before) break;
    }
    if (handler_) unread_.assign(data.begin() + static_cast<std::ptrdiff_t>(used), data.end());
  }

  void finish() {
    closing_ = false;
    loop_.state().drop(*this);
  }

  event_loop& loop_;
  std::shared_ptr<peer> peer_;
  io::stream_handler* handler_ = nullptr;
  std::vector<std::byte> unread_;
  std::string output_;
  std::uint64_t sent_ = 0;
  std::unique_ptr<async::disposable> lease_;
  std::size_t drained_below_ = 0;
  bool reading_ = true;
  bool show_again_ = false;
  bool closing_ = false;
  bool lost_ = false;
  bool end_shown_ = false;
  int announced_ = 0;  ///< 1: the end; 2: the loss.
  std::error_code error_;
};

inline void peer::send(std::span<const std::byte> data) {
  outbox_.insert(outbox_.end(), data.begin(), data.end());
  arrive();
}

inline void peer::arrive() {
  if (!stream_) return;
  auto& to = *stream_;
  if (to.closing_) outbox_.clear();
  if (!to.handler_ || to.show_again_) return;
  if (to.is_reading() && !outbox_.empty() && to.fault()) return;
  const auto count = to.is_reading() ? std::min(outbox_.size(), to.handler_->read_budget()) : 0;
  if (count > 0) {
    const auto first = outbox_.begin();
    auto shown = std::exchange(to.unread_, {});
    shown.insert(shown.end(), first, first + static_cast<std::ptrdiff_t>(count));
    outbox_.erase(first, first + static_cast<std::ptrdiff_t>(count));
    to.show(std::move(shown));
    to.later();
  }
  to.report_end(ended_);
}

inline void peer::read(std::size_t most) {
  if (!stream_) return;
  auto& from = *stream_;
  const auto count = std::min(most, from.output_.size());
  received.append(from.output_, 0, count);
  from.sent_ += count;
  from.output_.erase(0, count);
  if (from.handler_) from.handler_->note_queued(from.output_.size());
  from.later();
  arrive();
}

inline void peer::end() {
  ended_ = true;
  if (stream_) stream_->later();
  arrive();
}

inline void peer::reset() {
  if (!stream_) return;
  auto& lost = *stream_;
  lost.output_.clear();
  if (lost.handler_) lost.handler_->note_queued(io::stream_handler::never_sent);
  lost.lost_ = true;
  ended_ = true;
  if (!lost.closing_) lost.error_ = std::make_error_code(std::errc::connection_reset);
  lost.later();
}

}  // namespace saker::testing
