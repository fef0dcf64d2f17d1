#include <vector>

#include "echo_reader.hpp"
#include "handshake.hpp"
#include "load_error.hpp"
#include "modes.hpp"
#include "server_process.hpp"
#include "sockets.hpp"

namespace saker_load {

namespace {

using namespace std::chrono_literals;

void echo_once(int fd, const messages& sent) {
  send_all(fd, sent.wire(0, sent.wire_size(0)));
  echo_reader reader(sent);
  for (std::size_t echoes = 0; echoes == 0;) {
    const auto data = receive_some(fd);
    if (data.empty() || reader.close_status()) throw load_error("the server closed a connection");
    echoes = reader.read(data);
  }
}

// What a server sets up once, for its first connections, is not a cost per connection.
void warm_up(const arguments& options, const messages& sent) {
  std::vector<descriptor> sockets;
  sockets.reserve(100);
  while (sockets.size() < 100) sockets.push_back(open_connection(options));
  for (const auto& socket : sockets) echo_once(socket.get(), sent);
  if (options.raw) return;
  const auto close = masked_frame(opcode::close, "\x03\xe8");
  for (const auto& socket : sockets) send_all(socket.get(), close);
  for (const auto& socket : sockets) {
    while (!receive_some(socket.get()).empty()) {
    }
  }
}

}  // namespace

report run_idle(const arguments& options) {
  const server_process server(options.pid);
  const messages sent(options);
  warm_up(options, sent);
  const auto before = server.settled_resident_bytes(10s);
  const auto each = [&](std::size_t resident) {
    return (static_cast<double>(resident) - static_cast<double>(before)) /
           static_cast<double>(options.connections);
  };

  std::vector<descriptor> sockets;
  sockets.reserve(options.connections);
  while (sockets.size() < options.connections) sockets.push_back(open_connection(options));
  const auto open = server.settled_resident_bytes(20s);

  for (const auto& socket : sockets) echo_once(socket.get(), sent);
  const auto echoed = server.settled_resident_bytes(20s);

  report result;
  result.add("mode", "idle")
      .add("connections", options.connections)
      .add("resident_before", before)
      .add("resident_open", open)
      .add("resident_after_echo", echoed)
      .add("bytes_per_connection", each(open))
      .add("bytes_per_connection_after_echo", each(echoed));
  return result;
}

}  // namespace saker_load
