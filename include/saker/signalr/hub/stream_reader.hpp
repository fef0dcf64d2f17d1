#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <saker/async/task.hpp>
#include <saker/binding/encoding.hpp>
#include <saker/signalr/error.hpp>

namespace saker::signalr {

namespace detail {

/// The items of a client's stream that wait for the hub method. Thread rule: the connection's loop.
class upload_stream {
 public:
  upload_stream() = default;
  upload_stream(const upload_stream&) = delete;
  upload_stream& operator=(const upload_stream&) = delete;
  virtual ~upload_stream() = default;

  virtual bool is_ready() const noexcept = 0;
  /// Sets the coroutine to resume at the end of a turn when the stream is ready; null: none.
  virtual void set_reader(std::coroutine_handle<> reader) noexcept = 0;
  /// Takes the next item; absent at the end; throws an error of the client as hub_error, once.
  virtual std::optional<std::string> take() = 0;
  /// Returns the format of the items.
  virtual binding::value_format format() const noexcept = 0;
  virtual void complete(std::optional<std::string> error) = 0;
};

[[noreturn]] void throw_stream_binding_error();

}  // namespace detail

/// Reads a client's stream, as a parameter of a hub method.
///
/// Owner: the method; the stream ends with it. Thread rule: the loop that the method runs on.
/// Limits: `hub_options::stream_buffer_capacity` items may wait, and `stream_memory_limit` bytes
/// over all streams of the client; beyond it, nothing more is read from the client. Errors: `read`
/// throws hub_error with the client's text if the client ended its stream with an error, "The
/// underlying connection was closed." if the client has gone, and "Failed to bind Stream message."
/// for an item of another type.
///
/// Example:
/// ```cpp
/// struct words_hub : signalr::hub {
///   task<std::string> concat(signalr::stream_reader<std::string> words) {
///     std::string all;
///     for (;;) {
///       const auto word = co_await words.read();
///       if (!word) co_return all;
///       all += *word;
///     }
///   }
/// };
/// ```
template <class T>
class stream_reader {
 public:
  using value_type = T;

  explicit stream_reader(std::shared_ptr<detail::upload_stream> stream) noexcept
      : stream_(std::move(stream)) {}

  /// Awaits the next item; absent at the end. One read at a time.
  auto read() const noexcept {
    struct awaiter {
      std::shared_ptr<detail::upload_stream> of;
      bool waits = false;

      explicit awaiter(std::shared_ptr<detail::upload_stream> stream) noexcept
          : of(std::move(stream)) {}
      awaiter(const awaiter&) = delete;
      awaiter& operator=(const awaiter&) = delete;
      ~awaiter() {
        if (waits) of->set_reader({});
      }

      bool await_ready() const noexcept { return of->is_ready(); }
      void await_suspend(std::coroutine_handle<> caller) noexcept {
        waits = true;
        of->set_reader(caller);
      }
      std::optional<T> await_resume() {
        waits = false;
        auto& stream = *of;
        const auto item = stream.take();
        if (!item) return std::nullopt;
        try {
          return binding::read_from<T>(*item, stream.format());
        } catch (const std::exception&) {
          stream.complete(std::nullopt);
          detail::throw_stream_binding_error();
        }
      }
    };
    return awaiter(stream_);
  }

 private:
  std::shared_ptr<detail::upload_stream> stream_;
};

}  // namespace saker::signalr
