#include "churn_connection.hpp"

#include "handshake.hpp"
#include "load_error.hpp"
#include "sockets.hpp"

namespace saker_load {

churn_connection::churn_connection(const arguments& options, const messages& sent, poller& events)
    : socket_(connect_to(options.url)), messages_(sent), reader_(sent) {
  send_all(socket_.get(), upgrade_request(options.url));
  events.add(socket_.get(), this);
}

bool churn_connection::on_readable() {
  const auto received = receive_now(socket_.get());
  if (received.would_block) return false;
  if (received.end_of_stream()) {
    if (stage_ != stage::ending) throw load_error("the server closed a connection too early");
    return true;
  }
  if (stage_ == stage::upgrading) {
    upgrade(received.data);
  } else {
    read_frames(received.data);
  }
  return false;
}

void churn_connection::upgrade(std::string_view data) {
  answer_ += data;
  if (!is_upgraded(answer_)) return;
  send_all(socket_.get(), messages_.wire(0, messages_.wire_size(0)));
  stage_ = stage::echoing;
}

void churn_connection::read_frames(std::string_view data) {
  if (stage_ == stage::ending) throw load_error("data after the server's Close");
  const auto echoes = reader_.read(data);
  if (echoes != 0) {
    if (stage_ != stage::echoing || echoes > 1) throw load_error("more echoes than messages");
    send_all(socket_.get(), masked_frame(opcode::close, "\x03\xe8"));
    stage_ = stage::closing;
  }
  if (const auto status = reader_.close_status()) {
    if (stage_ != stage::closing || *status != 1000) {
      throw load_error("an unexpected Close " + std::to_string(*status));
    }
    stage_ = stage::ending;
  }
}

}  // namespace saker_load
