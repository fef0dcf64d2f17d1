// Boost.Beast as its own examples use it: one io_context, one coroutine per connection, a
// flat_buffer, no compression.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/version.hpp>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

template <class Result>
using awaitable = asio::awaitable<Result, asio::io_context::executor_type>;
using token = asio::use_awaitable_t<asio::io_context::executor_type>;
using stream = websocket::stream<
    beast::basic_stream<tcp, asio::io_context::executor_type, beast::unlimited_rate_policy>>;

awaitable<void> echo(stream socket) try {
  socket.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
  // One frame per message; the default cuts it at 4 KiB, with a write for each piece.
  socket.auto_fragment(false);
  co_await socket.async_accept(token());
  beast::flat_buffer buffer;
  for (;;) {
    co_await socket.async_read(buffer, token());
    socket.text(socket.got_text());
    co_await socket.async_write(buffer.data(), token());
    buffer.consume(buffer.size());
  }
} catch (const boost::system::system_error&) {
  // Closed, by the closing handshake or without it.
}

awaitable<void> accept_all(tcp::acceptor& acceptor, asio::io_context& context) {
  for (;;) {
    asio::basic_stream_socket<tcp, asio::io_context::executor_type> socket(context.get_executor());
    co_await acceptor.async_accept(socket, token());
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(context.get_executor(), echo(stream(std::move(socket))), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc > 1 && argv[1] == std::string_view("--version")) {
      std::cout << "Boost " << BOOST_VERSION / 100000 << '.' << BOOST_VERSION / 100 % 1000
                << std::endl;
      return 0;
    }
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
    asio::io_context context(1);
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), port});
    asio::co_spawn(context.get_executor(), accept_all(acceptor, context), asio::detached);
    std::cout << "Now listening on: http://127.0.0.1:" << acceptor.local_endpoint().port()
              << std::endl;
    context.run();
  } catch (const std::exception& error) {
    std::cerr << "saker-bench-beast: " << error.what() << '\n';
    return 1;
  }
}
