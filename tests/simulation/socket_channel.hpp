#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "client.hpp"
#include "h2_session.hpp"
#include "response_reader.hpp"

namespace saker::simulation {

/// The program on a WebSocket.
class channel_user {
 public:
  virtual void on_open() = 0;
  virtual void on_bytes(std::string_view data) = 0;
  /// The handshake was refused, or the server has ended, in order or not.
  virtual void on_gone(const std::string& how) = 0;

 protected:
  ~channel_user() = default;
};

/// What carries a WebSocket: an upgraded connection, or a stream of HTTP/2.
class socket_channel {
 public:
  virtual ~socket_channel() = default;
  /// Ends the client's side behind the data: with END_STREAM or FIN.
  virtual void send(std::string_view data, bool end) = 0;
  /// Gives it up: with RST_STREAM, or a reset of the connection. True: everything that was said is
  /// on its way before that.
  virtual bool drop() = 0;
};

/// A link's user that can be set later than the link.
class link_relay final : public link_user {
 public:
  link_user* to = nullptr;
  void on_data(std::string_view data) override {
    if (to) to->on_data(data);
  }
  void on_end() override {
    if (to) to->on_end();
  }
  void on_reset() override {
    if (to) to->on_reset();
  }
};

/// Opens a WebSocket with that target.
std::unique_ptr<socket_channel> upgrade(link& over, link_relay& relay, const std::string& target,
                                        channel_user& user);
std::unique_ptr<socket_channel> extended_connect(link& over, link_relay& relay,
                                                 const std::string& target, channel_user& user);

}  // namespace saker::simulation
