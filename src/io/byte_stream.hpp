#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "async/disposable.hpp"

namespace saker {
class event_loop;
}

namespace saker::io {

struct channel_security;

/// Who consumes what a byte stream receives. All calls come on the stream's loop, one at a time,
/// never from inside a call to the stream.
class stream_handler {
 public:
  /// Takes what it can use from the front of the data and says how much; the rest is kept and
  /// shown again, in front of what comes next. The bytes may be changed in place.
  virtual std::size_t on_read(std::span<std::byte> data) = 0;
  /// The peer sends nothing more, and all that it sent has been shown.
  virtual void on_read_end() = 0;
  /// The stream is lost, and all that arrived before has been shown; nothing else will be called.
  virtual void on_error(std::error_code error) = 0;
  /// The end has arrived while the handler reads nothing: what was sent before it waits, and
  /// `on_read_end` or `on_error` behind that. An `error` says that nothing reaches the peer any
  /// more, whether the handler reads or not. Called at most once for each of the two.
  virtual void on_end_arrived(std::error_code /*error*/) {}
  /// After `notify_drained`: less than that is queued now.
  virtual void on_drained() = 0;
  /// How many bytes it is ready to be shown besides those that it has left: the bound of the
  /// read-ahead. At 0 nothing is read, until the handler calls `resume_reading`.
  virtual std::size_t read_budget() const noexcept = 0;

  /// How many bytes are queued, without asking the stream, and from any thread: the stream notes it
  /// when it changes. Once nothing reaches the peer any more it is `never_sent`, so that a writer
  /// waits and the turn ends, in which it is told.
  static constexpr std::size_t never_sent = static_cast<std::size_t>(-1) / 2;
  void note_queued(std::size_t bytes) noexcept {
    noted_queued_.store(bytes, std::memory_order_relaxed);
  }
  std::size_t noted_queued() const noexcept {
    return noted_queued_.load(std::memory_order_relaxed);
  }

 protected:
  ~stream_handler() = default;

 private:
  std::atomic<std::size_t> noted_queued_ = 0;
};

/// What the peer has taken of what a stream has sent.
struct delivery {
  enum class rest : std::uint8_t {
    none,
    under_way,  ///< It may be lost on the way, and says nothing about the peer.
    waiting,    ///< For the peer to take something.
  };

  std::uint64_t taken = 0;  ///< Bytes since the beginning.
  rest what_is_left = rest::none;
};

/// An ordered, reliable stream of bytes: TCP, a Unix socket, TLS, or a stream of HTTP/2.
///
/// Owner: the protocol that runs on it; handing the unique_ptr on hands the stream on. Destroying
/// it ends it at once. It may be destroyed inside its own callbacks only through `retire`
/// (loop_state). Thread rule: its loop.
class byte_stream : public async::disposable {
 public:
  virtual event_loop& loop() noexcept = 0;
  virtual std::string remote_endpoint() const = 0;
  virtual std::string local_endpoint() const { return {}; }
  /// What protects it; null: nothing, or its handshake is not over.
  virtual std::shared_ptr<const channel_security> security() const noexcept { return nullptr; }

  /// The handler has worked so much (`turn_share`) on what it was shown: one stream of many counts
  /// it for all.
  virtual void note_work(std::size_t /*cost*/) {}
  /// All of them together have done enough for this turn.
  virtual bool has_worked() const noexcept { return false; }

  /// Null: what arrives stays unread.
  virtual void set_handler(stream_handler* handler) noexcept = 0;

  /// While paused nothing is read, so the peer is slowed down. Bytes that were kept are shown again
  /// after `resume_reading`, at the end of the turn.
  virtual void pause_reading() noexcept = 0;
  virtual void resume_reading() = 0;

  /// Queues a copy; it leaves at the end of the turn.
  virtual void write(std::span<const std::byte> data) = 0;
  /// Queues a head and a payload. A large payload is offered to the system directly, so that only
  /// what it does not take is copied.
  virtual void write(std::span<const std::byte> head, std::span<const std::byte> payload) = 0;
  /// Queues a copy, but offers it to the system first, behind what waits already: for the last
  /// write of a turn.
  virtual void write_through(std::span<const std::byte> data) = 0;
  /// Bytes that wait to be sent.
  virtual std::size_t queued() const noexcept = 0;
  /// Bytes that have been sent since the beginning: tells a slow peer from one that has stopped.
  virtual std::uint64_t sent() const noexcept = 0;
  /// The same up to the peer, as far as the system knows. A TCP socket asks it: not in every turn.
  virtual delivery delivered() const noexcept {
    return {sent(), queued() == 0 ? delivery::rest::none : delivery::rest::waiting};
  }
  /// Asks for one `on_drained` as soon as fewer than that many bytes are queued.
  virtual void notify_drained(std::size_t below) noexcept = 0;

  /// Keeps something as long as the stream lives, in the place of what it kept before.
  virtual void hold(std::unique_ptr<disposable> lease) noexcept = 0;

  /// Ends the stream at once; the peer sees a reset. No callbacks follow.
  virtual void abort() noexcept = 0;

  /// Ends the stream in order, without callbacks: sends what is queued and the end, then waits for
  /// the peer to end it too. Gives up when for that long the peer has taken less than 240 bytes a
  /// second of what is queued, or has not ended. The stream owns itself meanwhile.
  virtual void close(std::unique_ptr<byte_stream> self, std::chrono::milliseconds limit) = 0;
};

/// Closes the stream in order and gives up its ownership.
inline void close_in_order(std::unique_ptr<byte_stream> stream,
                           std::chrono::milliseconds limit = std::chrono::seconds(5)) {
  auto& target = *stream;
  target.close(std::move(stream), limit);
}

/// The peer's address, as long as the stream is there.
inline std::string remote_endpoint_of(const byte_stream* stream) {
  return stream ? stream->remote_endpoint() : std::string();
}
inline std::string local_endpoint_of(const byte_stream* stream) {
  return stream ? stream->local_endpoint() : std::string();
}

}  // namespace saker::io
