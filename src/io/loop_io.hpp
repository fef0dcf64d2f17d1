#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <memory>
#include <span>

#include "async/loop_state.hpp"
#include "io/output_queue.hpp"
#include "io/poller.hpp"

namespace saker::io {

/// What the sockets of one loop share: their poller, the memory of what they send, and the one
/// buffer that all of them receive into.
///
/// Owner: the loop, whose local it is. Thread rule: the loop's thread.
class loop_io {
 public:
  static constexpr std::size_t read_buffer_size = async::loop_state::read_buffer_size;

  /// For who needs it often: keep the reference.
  static loop_io& of(event_loop& loop) { return loop.state().local<loop_io>(); }

  explicit loop_io(async::loop_state& loop);
  ~loop_io();
  loop_io(const loop_io&) = delete;
  loop_io& operator=(const loop_io&) = delete;

  async::loop_state& loop() noexcept { return loop_; }
  io::poller& poller() noexcept { return poller_; }
  chunk_pool& chunks() noexcept { return chunks_; }
  std::span<std::byte> read_buffer() noexcept { return {read_buffer_.get(), read_buffer_size}; }

 private:
  void watch_poller();
  void serve_poller();

  async::loop_state& loop_;
  io::poller poller_;
  boost::asio::posix::stream_descriptor poller_watch_;
  chunk_pool chunks_;
  std::unique_ptr<std::byte[]> read_buffer_;
};

}  // namespace saker::io
