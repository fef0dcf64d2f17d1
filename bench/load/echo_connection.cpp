#include "echo_connection.hpp"

#include <utility>

#include "load_error.hpp"

namespace saker_load {

echo_connection::echo_connection(wire socket, const messages& sent, poller& events)
    : socket_(std::move(socket)), messages_(sent), events_(events), reader_(sent) {
  events_.add(socket_.get(), static_cast<load_connection*>(this));
}

void echo_connection::send(std::size_t count) {
  in_flight_ += count;
  for (; count != 0; --count) {
    unsent_ += messages_.wire_size(next_);
    next_ = (next_ + 1) % messages_.count();
  }
  if (!watching_writable_) flush();
  probe_.sent(in_flight_);
}

std::size_t echo_connection::on_readable(latencies& samples, bool send_again) {
  const auto received = socket_.receive_now();
  if (received.end_of_stream()) throw load_error("the server closed a connection");
  const auto echoes = reader_.read(received.data);
  if (echoes > in_flight_) throw load_error("more echoes than messages");
  if (const auto status = reader_.close_status()) {
    throw load_error("the server sent Close " + std::to_string(*status));
  }
  answer_ping();
  if (echoes == 0) return 0;
  in_flight_ -= echoes;
  probe_.received(echoes, samples);
  if (send_again) send(echoes);
  return echoes;
}

void echo_connection::on_writable() { flush(); }

void echo_connection::flush() {
  socket_.flush();
  const auto sent = unsent_ == 0 ? 0 : socket_.send_now(messages_.wire(offset_, unsent_));
  unsent_ -= sent;
  offset_ = (offset_ + sent) % messages_.round_size();
  const bool blocked = unsent_ != 0 || socket_.is_blocked();
  if (blocked != watching_writable_)
    events_.watch_writable(socket_.get(), static_cast<load_connection*>(this), blocked);
  watching_writable_ = blocked;
}

void echo_connection::answer_ping() {
  const auto pong = reader_.take_pong();
  // Inside a half-sent message there is no place for it; the next Ping will find one.
  if (!pong.empty() && messages_.is_message_begin(offset_)) socket_.send_now(pong);
}

}  // namespace saker_load
