#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <saker/signalr/protocol/hub_message.hpp>

#include "signalr/hub/hub_protocols.hpp"
#include "signalr/hub/outgoing_message.hpp"
#include "signalr/transports/connection.hpp"
#include "signalr/transports/stateful_reconnect.hpp"

namespace saker::signalr {

class hub_endpoint;

/// What a hub's client is sent: messages in its protocol, up to the Close, on its connection, with
/// stateful reconnect between them where that was agreed on.
///
/// Owner: hub_connection. Thread rule: the connection's loop.
class hub_output {
 public:
  hub_output(hub_endpoint& endpoint, std::shared_ptr<connection> on) noexcept;
  hub_output(const hub_output&) = delete;
  hub_output& operator=(const hub_output&) = delete;

  connection& on() const noexcept { return *on_; }
  const hub_protocol& protocol() const noexcept { return *protocol_->how; }
  /// As the handshake says; any, until then.
  void speak(const spoken_protocol& protocol) noexcept { protocol_ = &protocol; }
  /// Every message is kept from here on until the client acknowledges it.
  void begin_keeping(connection_application& application);

  // Messages.
  void write(const hub_message& message);
  /// One that may be dropped later. False: it was not sent.
  bool send(const outgoing_message& message, bool to_many);
  /// One that is not dropped once it is taken. False: there is no room.
  bool ask(const outgoing_message& question);
  /// A Ping, when it is time for one.
  void ping();
  /// The time until the next Ping begins.
  void begin_pinging() noexcept { last_ping_ = on_->now(); }

  // Room.
  bool congested() const noexcept {
    return reconnect_ ? reconnect_->congested() : on_->output().congested();
  }
  /// Whether who awaits a send is to wait for this client.
  bool keeps_waiting(patience how) const noexcept;

  // The end.
  bool is_closed() const noexcept { return is_closed_; }
  /// Nothing follows any more but the Close. False: that was so before.
  bool close() noexcept { return !std::exchange(is_closed_, true); }
  void write_close(const hub_message& message) { write_out(message); }
  /// What is kept reaches nobody any more.
  void stop_keeping() noexcept { reconnect_.reset(); }

  // What the client sends for stateful reconnect.
  /// Whether the message is new: it has not come before the client reconnected.
  bool counts(const hub_message& message) noexcept;
  void take_ack(const hub_message& message);
  void take_sequence(const hub_message& message);
  /// The client sends nothing more, no Acks either.
  void on_input_ending();
  /// Acknowledges what has come, but for the messages that wait. False: the client itself has
  /// acknowledged nothing for too long, and is cut off.
  bool exchange_acks(std::size_t waiting);
  /// Another WebSocket carries the connection.
  void on_reattached();

 private:
  void write_uncounted(const hub_message& message);
  void write_out(const hub_message& message);
  bool frame(const hub_message& message, std::string& out);
  const shared_message* bytes_of(const outgoing_message& message);
  bool admit(const shared_message& message);
  void on_write_failed();

  hub_endpoint& endpoint_;
  const std::shared_ptr<connection> on_;
  const spoken_protocol* protocol_;
  std::unique_ptr<stateful_reconnect> reconnect_;  ///< Null: it was not agreed on, or is over.
  std::uint64_t last_ping_ = 0;
  bool is_closed_ = false;
};

}  // namespace saker::signalr
