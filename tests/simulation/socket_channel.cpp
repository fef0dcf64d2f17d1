#include "socket_channel.hpp"

#include <utility>

namespace saker::simulation {
namespace {

class upgraded_channel final : public socket_channel, public link_user {
 public:
  upgraded_channel(link& over, const std::string& target, channel_user& user)
      : link_(over), user_(user) {
    link_.send("GET " + target +
               " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  }

  void send(std::string_view data, bool end) override {
    link_.send(data);
    if (end) link_.end();
  }
  bool drop() override {
    link_.reset();
    return false;
  }

 private:
  void on_data(std::string_view data) override {
    if (!open_) {
      if (!reader_.read(data)) return;
      if (!reader_.upgraded()) {
        user_.on_gone("status " + std::to_string(reader_.status()));
        return;
      }
      open_ = true;
      user_.on_open();
    }
    if (!data.empty()) user_.on_bytes(data);
  }
  void on_end() override {
    user_.on_gone("the end");
    link_.end();
  }
  void on_reset() override { user_.on_gone("a reset"); }

  link& link_;
  channel_user& user_;
  response_reader reader_;
  bool open_ = false;
};

class stream_channel final : public socket_channel, public link_user, private h2_stream_user {
 public:
  stream_channel(link& over, std::string target, channel_user& user)
      : link_(over), user_(user), target_(std::move(target)), session_(over) {
    session_.flush();
  }

  void send(std::string_view data, bool end) override {
    session_.send(stream_, data, end);
    flush();
  }
  bool drop() override {
    dropped_ = true;
    flush();
    const bool all_said = session_.has_sent(stream_);
    session_.reset(stream_);
    flush();
    return all_said;
  }

 private:
  void flush() {
    if (receiving_) return;  // The session does it then.
    session_.flush();
  }

  void on_data(std::string_view data) override {
    receiving_ = true;
    const bool good = session_.receive(data);
    receiving_ = false;
    if (!good) {
      link_.reset();
      user_.on_gone("what came is no HTTP/2");
      return;
    }
    if (stream_ == 0 && session_.ready()) {
      const h2_session::fields head{{":method", "CONNECT"},      {":protocol", "websocket"},
                                    {":scheme", link_.scheme()}, {":path", target_},
                                    {":authority", "a"},         {"sec-websocket-version", "13"}};
      stream_ = session_.open(head, *this, true);
    }
    session_.flush();
  }
  void on_end() override {
    link_.end();
    user_.on_gone("the end");
  }
  void on_reset() override { user_.on_gone("a reset"); }

  void on_status(int status) override {
    if (status == 200) {
      user_.on_open();
    } else {
      user_.on_gone("status " + std::to_string(status));
    }
  }
  void on_stream_data(std::string_view data) override { user_.on_bytes(data); }
  void on_stream_end() override { user_.on_gone("the end"); }
  void on_stream_closed(std::uint32_t error) override {
    user_.on_gone("stream error " + std::to_string(error));
    // The connection may be of use for others.
    if (!dropped_) link_.end();
  }

  link& link_;
  channel_user& user_;
  std::string target_;
  h2_session session_;
  std::int32_t stream_ = 0;
  bool receiving_ = false;
  bool dropped_ = false;
};

template <class Channel>
std::unique_ptr<socket_channel> open(link& over, link_relay& relay, const std::string& target,
                                     channel_user& user) {
  auto made = std::make_unique<Channel>(over, target, user);
  relay.to = made.get();
  return made;
}

}  // namespace

std::unique_ptr<socket_channel> upgrade(link& over, link_relay& relay, const std::string& target,
                                        channel_user& user) {
  return open<upgraded_channel>(over, relay, target, user);
}

std::unique_ptr<socket_channel> extended_connect(link& over, link_relay& relay,
                                                 const std::string& target, channel_user& user) {
  return open<stream_channel>(over, relay, target, user);
}

}  // namespace saker::simulation
