#pragma once

#include <algorithm>
#include <cstdint>
#include <system_error>
#include <utility>

#include "io/byte_stream.hpp"

namespace saker::io {

/// The end of a stream's input: what is known of it, and what the handler was told of it. It only
/// ever gets further.
class input_end {
 public:
  bool is_open() const noexcept { return stage_ == stage::open; }
  bool is_reached() const noexcept { return stage_ >= stage::reached; }

  /// The peer has ended; what it sent before may still have to be read.
  void note_arrived() noexcept { stage_ = std::max(stage_, stage::arrived); }
  /// All that the peer sent has been read.
  void note_reached() noexcept { stage_ = std::max(stage_, stage::reached); }

  /// Another handler is told everything again.
  void forget_announced() noexcept { announced_ = announced::nothing; }
  /// Tells the handler ahead of the end that there is one, or that the stream is lost.
  void announce(stream_handler* handler, std::error_code error) {
    const auto news = error ? announced::loss : announced::end;
    if (!handler || announced_ >= news) return;
    announced_ = news;
    handler->on_end_arrived(error);
  }
  /// Tells the handler the end once it is reached; after an error there is no handler any more.
  void report(stream_handler*& handler, std::error_code error) {
    if (error) {
      std::exchange(handler, nullptr)->on_error(error);
    } else if (stage_ == stage::reached) {
      stage_ = stage::reported;
      handler->on_read_end();
    }
  }

 private:
  enum class stage : std::uint8_t { open, arrived, reached, reported };
  enum class announced : std::uint8_t { nothing, end, loss };

  stage stage_ = stage::open;
  announced announced_ = announced::nothing;
};

}  // namespace saker::io
