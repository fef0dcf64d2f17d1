#include "io/loop_io.hpp"

namespace saker::io {

loop_io::loop_io(async::loop_state& loop)
    : loop_(loop),
      poller_watch_(loop.context(), poller_.native_handle()),
      read_buffer_(new std::byte[read_buffer_size]) {
  watch_poller();
}

loop_io::~loop_io() { poller_watch_.release(); }

void loop_io::watch_poller() {
  poller_watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [this](const boost::system::error_code& error) {
                             if (!error) serve_poller();
                           });
}

void loop_io::serve_poller() {
  // Under load the next events are here already: take them without asking Asio, but let its own
  // timers and sockets have their turn.
  constexpr int rounds_before_asio = 16;
  for (int round = 0; round < rounds_before_asio; ++round) {
    const auto served = poller_.poll();
    loop_.end_turn();
    if (served < 2) break;
  }
  watch_poller();
}

}  // namespace saker::io
