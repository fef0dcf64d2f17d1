#include "io/socket_stream.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>

#include <saker/async/event_loop.hpp>

namespace saker::io {
namespace {

using namespace std::chrono_literals;

/// Lets a stream send that much and closes it in order; the loop ends when the stream has.
std::thread close_after(event_loop& loop, int descriptor, std::size_t bytes,
                        std::chrono::milliseconds limit) {
  loop.post([&loop, descriptor, bytes, limit] {
    auto stream = std::make_unique<socket_stream>(loop, descriptor);
    stream->write(std::vector<std::byte>(bytes));
    io::close_in_order(std::move(stream), limit);
    loop.state().stop_when_idle();
  });
  return std::thread([&loop] { loop.run(); });
}

std::array<int, 2> connected_pair() {
  std::array<int, 2> both{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, both.data()) != 0) {
    throw std::system_error(errno, std::system_category());
  }
  return both;
}

TEST(socket_stream, waits_for_a_slow_reader_longer_than_the_limit_of_its_close) {
  const auto [server, client] = connected_pair();
  event_loop loop;
  constexpr std::size_t size = 4'000'000;
  auto thread = close_after(loop, server, size, 700ms);
  std::size_t received = 0;
  std::array<char, 100'000> buffer;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; received < size; ++i) {
    std::this_thread::sleep_until(begin + i * 40ms);
    const auto count = ::read(client, buffer.data(), buffer.size());
    ASSERT_NE(count, 0) << "ended after " << received;
    if (count > 0) received += static_cast<std::size_t>(count);
  }
  EXPECT_GT(std::chrono::steady_clock::now() - begin, 1400ms);
  ::close(client);
  thread.join();
}

TEST(socket_stream, gives_a_reader_up_that_takes_nothing) {
  const auto [server, client] = connected_pair();
  event_loop loop;
  close_after(loop, server, 4'000'000, 100ms).join();
  ::close(client);
}

TEST(socket_stream, gives_a_peer_up_that_does_not_end) {
  const auto [server, client] = connected_pair();
  event_loop loop;
  close_after(loop, server, 10, 100ms).join();
  ::close(client);
}

}  // namespace
}  // namespace saker::io
