#include <memory>
#include <vector>

#include "echo_reader.hpp"
#include "handshake.hpp"
#include "http2_connection.hpp"
#include "load_error.hpp"
#include "modes.hpp"
#include "server_process.hpp"
#include "wire.hpp"

namespace saker_load {

namespace {

using namespace std::chrono_literals;

/// A connection that waits, with its WebSockets.
class idle_connection {
 public:
  idle_connection(const arguments& options, const messages& sent) : sent_(sent) {
    if (options.http2) {
      http2_ = std::make_unique<http2_connection>(options, sent, options.streams);
    } else {
      wire_ = std::make_unique<wire>(open_connection(options));
    }
  }

  void echo_once() {
    if (http2_) return http2_->echo_once();
    wire_->send_all(sent_.wire(0, sent_.wire_size(0)));
    echo_reader reader(sent_);
    for (std::size_t echoes = 0; echoes == 0;) {
      const auto data = wire_->receive_some();
      if (data.empty() || reader.close_status()) throw load_error("the server closed a connection");
      echoes = reader.read(data);
    }
  }

  void begin_close() {
    if (wire_) wire_->send_all(masked_frame(opcode::close, "\x03\xe8"));
  }
  void finish_close() {
    while (wire_ && !wire_->receive_some().empty()) {
    }
  }

 private:
  const messages& sent_;
  std::unique_ptr<wire> wire_;
  std::unique_ptr<http2_connection> http2_;
};

std::vector<idle_connection> open_connections(const arguments& options, const messages& sent,
                                              std::size_t count) {
  std::vector<idle_connection> opened;
  while (opened.size() * options.streams < count) opened.emplace_back(options, sent);
  return opened;
}

// What a server sets up once, for its first connections, is not a cost per connection.
void warm_up(const arguments& options, const messages& sent) {
  auto sockets = open_connections(options, sent, 100);
  for (auto& socket : sockets) socket.echo_once();
  if (options.raw) return;
  for (auto& socket : sockets) socket.begin_close();
  for (auto& socket : sockets) socket.finish_close();
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

  auto sockets = open_connections(options, sent, options.connections);
  const auto open = server.settled_resident_bytes(20s);

  for (auto& socket : sockets) socket.echo_once();
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
