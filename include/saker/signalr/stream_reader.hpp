#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <saker/core/task.hpp>
#include <saker/signalr/convert.hpp>
#include <saker/signalr/json.hpp>

namespace saker::signalr {

namespace detail {

/// The items of a client's stream that wait for the hub method. On the connection's loop.
class upload_stream {
 public:
  explicit upload_stream(std::size_t capacity) noexcept : capacity_(capacity) {}
  upload_stream(const upload_stream&) = delete;
  upload_stream& operator=(const upload_stream&) = delete;

  // The client's side.
  bool is_full() const noexcept { return items_.size() >= capacity_ && !completed_; }
  void push(json item);
  void complete(std::optional<std::string> error);
  /// Who is resumed when it is full no more.
  void set_writer(std::coroutine_handle<> writer) noexcept { writer_ = writer; }

  // The method's side.
  bool is_ready() const noexcept { return !items_.empty() || completed_; }
  void set_reader(std::coroutine_handle<> reader) noexcept { reader_ = reader; }
  /// Absent at the end; an error of the client is thrown as hub_error, once.
  std::optional<json> take();

 private:
  const std::size_t capacity_;
  std::deque<json> items_;
  bool completed_ = false;
  std::optional<std::string> error_;
  std::coroutine_handle<> reader_;
  std::coroutine_handle<> writer_;
};

[[noreturn]] void throw_stream_binding_error();

}  // namespace detail

/// A stream from a client, as a hub method takes it.
///
///     for (;;) {
///       const auto word = co_await words.read();
///       if (!word) break;
///       ...
///     }
///
/// Owner: the method; the stream ends with it. Thread rule: the loop that the method runs on.
/// Limits: `hub_options::stream_buffer_capacity` items wait; then nothing more is read from the
/// client. Errors: `read` throws hub_error with the client's text when it ended its stream with an
/// error, "The underlying connection was closed." when it has gone, and "Failed to bind Stream
/// message." for an item of another type.
template <class T>
class stream_reader {
 public:
  using value_type = T;

  explicit stream_reader(std::shared_ptr<detail::upload_stream> stream) noexcept
      : stream_(std::move(stream)) {}

  /// Awaits the next item; absent at the end. One read at a time.
  auto read() const noexcept {
    struct awaiter {
      detail::upload_stream& stream;
      bool await_ready() const noexcept { return stream.is_ready(); }
      void await_suspend(std::coroutine_handle<> caller) const noexcept {
        stream.set_reader(caller);
      }
      std::optional<T> await_resume() const {
        const auto item = stream.take();
        if (!item) return std::nullopt;
        try {
          return from_value<T>(*item);
        } catch (const std::exception&) {
          stream.complete(std::nullopt);
          detail::throw_stream_binding_error();
        }
      }
    };
    return awaiter{*stream_};
  }

 private:
  std::shared_ptr<detail::upload_stream> stream_;
};

}  // namespace saker::signalr
