#include <memory>
#include <string>

#include "client.hpp"
#include "frames.hpp"
#include "h2_session.hpp"
#include "requests.hpp"
#include "socket_channel.hpp"

namespace saker::simulation {
namespace {

constexpr const char* kinds[] = {"pipelined requests", "empty frames",    "pings",
                                 "negotiations",       "refused streams", "hub calls",
                                 "settings",           "small messages"};

std::string frame_of_http2(int type, int flags, std::uint32_t stream, std::string_view payload) {
  std::string text;
  const auto append = [&](std::uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
      text += static_cast<char>(value >> shift);
    }
  };
  append(payload.size(), 3);
  append(static_cast<std::uint64_t>(type), 1);
  append(static_cast<std::uint64_t>(flags), 1);
  append(stream, 4);
  return text.append(payload);
}

/// Sends much of what costs the server more than the client, and reads nothing.
class flood_client final : public client, private link_user, private timed {
 public:
  flood_client(world& in, std::size_t index, random choices, const manners& how)
      : client(in, index, choices, how),
        kind_(choices_.below(std::size(kinds))),
        asleep_(choices_.one_in(2)),
        updates_keys_(how.secure && choices_.fork(8).one_in(3)) {
    how_ = manners();
    how_.secure = how.secure;
    how_.whole = true;
    how_.reads = choices_.one_in(4) ? manners::pace::slow : manners::pace::never;
    how_.reads_normally = choices_.below(2000) + (updates_keys_ ? 4096 : 0);
    book().trusted = false;
  }

  std::string name() const override {
    return std::string("a flood of ") + (updates_keys_ ? "key updates" : kinds[kind_]);
  }
  void start() override {
    link_ = &open_link(*this);
    const bool http2 = kind_ == 4 || kind_ == 6;
    if (!link_->connect(http2 ? application_protocol::http2 : application_protocol::http1)) return;
    link_->send(beginning());
    if (is_owed_much()) {
      world_.times().after(choices_.between(100, 1000) * millisecond, *this);
    } else {
      on_time(0);
    }
  }
  bool finished() const override { return true; }

 private:
  ledger& book() { return world_.books().of(index_); }

  std::string upgrade_to(const std::string& target) const {
    return "GET " + target +
           " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  }

  std::string beginning() {
    switch (kind_) {
      case 1:
      case 2:
      case 7:
        return upgrade_to(socket_target(asleep_              ? "asleep"
                                        : choices_.one_in(2) ? "busy"
                                                             : "echo",
                                        index_));
      case 5:
        return upgrade_to("/hub") +
               masked_frame(1, "{\"protocol\":\"json\",\"version\":1}\x1e{\"type\":6}\x1e", true,
                            choices_);
      case 4:
      case 6:
        return std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + frame_of_http2(4, 0, 0, {}) +
               (is_owed_much() ? large_answer() : std::string());
      default: return {};
    }
  }

  std::string one_more() {
    switch (kind_) {
      case 0: return "GET /http/plain?c=0 HTTP/1.1\r\nHost: a\r\n\r\n";
      case 1: return masked_frame(sent_ == 0 ? 1 : 0, {}, false, choices_);
      case 2: return masked_frame(9, "ping", true, choices_);
      case 3:
        return "POST /hub/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: a\r\n"
               "Content-Length: 0\r\n\r\n";
      case 4: return refused_stream();
      case 5:
        return masked_frame(1,
                            "{\"type\":1,\"invocationId\":\"" + std::to_string(sent_) +
                                "\",\"target\":\"Echo\",\"arguments\":[\"" + std::string(200, 'f') +
                                "\"]}\x1e",
                            true, choices_);
      case 6: return frame_of_http2(4, 0, 0, {});
      default: return masked_frame(2, {}, true, choices_);
    }
  }

  /// An answer that fills everything on its way, with windows that let all of it go.
  std::string large_answer() const {
    const std::string most("\x7f\xff\x00\x00", 4);
    return frame_of_http2(4, 0, 0, std::string("\0\x04", 2) + most) +
           frame_of_http2(8, 0, 0, most) + request(1, "/http/large?c=0&n=300000");
  }

  std::string refused_stream() {
    return request(static_cast<std::uint32_t>(2 * sent_ + 3), "/http/slow?c=0");
  }

  std::string request(std::uint32_t stream, std::string_view target) const {
    const auto field = [](std::string_view name, std::string_view value) {
      std::string text(1, '\0');
      text += static_cast<char>(name.size());
      text += name;
      text += static_cast<char>(value.size());
      return text.append(value);
    };
    const auto block = field(":method", "GET") + field(":scheme", link_->scheme()) +
                       field(":path", target) + field(":authority", "a");
    return frame_of_http2(1, 5, stream, block);
  }

  /// An empty frame costs little: it takes many of them to fill a server.
  bool has_many() const noexcept { return asleep_ && (kind_ == 1 || kind_ == 7); }
  /// What its streams are answered waits behind a large answer that it does not take.
  bool is_owed_much() const noexcept { return asleep_ && kind_ == 4; }

  std::size_t most_sent() const noexcept {
    return has_many() ? 1'000'000 : is_owed_much() ? 100'000 : 30'000;
  }

  /// As fast as the server takes it.
  void on_time(int) override {
    if (link_->over() || link_->server_gone() || sent_ > most_sent()) return;
    // What has not been taken stays with the client.
    if (link_->untaken() > 100'000) {
      world_.times().after(20 * millisecond, *this);
      return;
    }
    if (updates_keys_) {
      for (int i = 0; i < 200; ++i, ++sent_) link_->update_keys();
      world_.times().after(millisecond, *this);
      return;
    }
    std::string all;
    for (int i = 0; i < (has_many() ? 2000 : 200); ++i, ++sent_) all += one_more();
    link_->send(all);
    world_.times().after(millisecond, *this);
  }

  void on_data(std::string_view) override {}
  void on_end() override { link_->end(); }
  void on_reset() override {}

  std::size_t kind_;
  bool asleep_;        ///< The handler of its socket takes nothing.
  bool updates_keys_;  ///< Those of TLS, and nothing else.
  link* link_ = nullptr;
  std::size_t sent_ = 0;
};

}  // namespace

std::unique_ptr<client> make_flood_client(world& in, std::size_t index, random choices,
                                          const manners& how) {
  return std::make_unique<flood_client>(in, index, choices, how);
}

}  // namespace saker::simulation
