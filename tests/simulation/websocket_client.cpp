#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "client.hpp"
#include "frames.hpp"
#include "requests.hpp"
#include "socket_channel.hpp"
#include "socket_handlers.hpp"

namespace saker::simulation {
namespace {

enum opcode { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Sends its messages, and a Close behind them, at its own pace or all at once; checks what comes.
class websocket_client final : public client, private channel_user, private timed {
 public:
  websocket_client(world& in, std::size_t index, random choices, const manners& how)
      : client(in, index, choices, how),
        mode_(socket_modes[choices_.below(std::size(socket_modes))]),
        count_(choices_.below(30)),
        at_once_(choices_.one_in(3)),
        ends_with_close_(choices_.one_in(2)),
        without_close_(is_mode({"listening"}) && choices_.one_in(2)),
        over_http2_(choices_.one_in(3) && in.what().has(part::http2)) {
    book().trusted = !how_.garbles_at;
    auto more = choices.fork(11);
    if (more.one_in(6) && is_attended()) gives_up_after_ = more.below(count_ + 1);
  }

  std::string name() const override {
    return std::string("WebSocket over HTTP/") + (over_http2_ ? "2 " : "1.1 ") + mode_ + ", " +
           std::to_string(count_) + " messages" + (at_once_ ? " at once" : "") +
           (gives_up_after_    ? ", gives up after " + std::to_string(*gives_up_after_)
            : without_close_   ? ", ends without a Close"
            : ends_with_close_ ? ", ends with its Close"
                               : "");
  }
  void start() override {
    auto& over = open_link(relay_);
    since_ = now();
    if (!over.connect(over_http2_ ? application_protocol::http2 : application_protocol::http1)) {
      gone_ = true;
      return;
    }
    const auto target = socket_target(mode_, index_);
    channel_ = over_http2_ ? extended_connect(over, relay_, target, *this)
                           : upgrade(over, relay_, target, *this);
  }
  bool finished() const override { return gone_ || (opened_ && saw_close_ && sent_close_); }
  nanoseconds waiting_since() const override { return finished() || answering() ? 0 : since_; }
  std::string waiting_for() const override {
    if (!opened_) return "the answer to its handshake";
    return "the server's Close, after " + std::to_string(sent_) + " messages sent and " +
           std::to_string(received_.of('c')) + " of them back";
  }

 private:
  ledger& book() { return world_.books().of(index_); }
  bool is_mode(std::initializer_list<std::string_view> modes) const {
    return std::ranges::find(modes, mode_) != modes.end();
  }
  /// Its handler does nothing but receive, and answer.
  bool is_attended() const {
    return is_mode({"echo", "busy", "pieces", "moved", "room", "listening"});
  }
  /// It goes on by itself.
  bool answering() const { return opened_ && !sent_close_; }

  void on_open() override {
    opened_ = true;
    since_ = now();
    note("is open");
    if (at_once_) {
      std::string all;
      while (sent_ < gives_up_after_.value_or(count_)) all += next_message();
      if (gives_up_after_) {
        channel_->send(all, false);
        world_.times().after(choices_.between(0, 50 * millisecond), *this);
        return;
      }
      send_all(all + farewell());
    } else {
      on_time(0);
    }
  }

  std::string next_message() {
    const auto size = choices_.one_in(10) ? choices_.below(20'000) : choices_.below(400);
    const auto message = make_message('c', sent_++, size);
    const int type = choices_.one_in(2) ? text : binary;
    std::string frames;
    std::size_t at = 0;
    while (choices_.one_in(4) && at < message.size()) {
      const auto count = choices_.below(message.size() - at);
      frames += masked_frame(at == 0 && frames.empty() ? type : continuation,
                             std::string_view(message).substr(at, count), false, choices_);
      at += count;
      if (choices_.one_in(3)) frames += masked_frame(ping, "p", true, choices_);
      started_ = true;
    }
    frames += masked_frame(frames.empty() ? type : continuation,
                           std::string_view(message).substr(at), true, choices_);
    return frames;
  }

  /// What it says last.
  std::string farewell() { return without_close_ ? std::string() : close_frame(1000); }
  std::string close_frame(int code) {
    std::string payload;
    payload += static_cast<char>(code >> 8);
    payload += static_cast<char>(code);
    return masked_frame(close, payload, true, choices_);
  }

  void send_all(const std::string& data) {
    sent_close_ = true;
    since_ = now();
    ended_ = ends_with_close_ || without_close_;
    channel_->send(data, ended_);
    note(without_close_ ? "has sent everything and ends" : "has sent everything and its Close");
  }

  void give_up() {
    gone_ = gave_up_ = true;
    all_was_said_ = channel_->drop();
    note("gives up");
    watch_loss();
  }
  /// Until the server has taken what was on its way.
  void watch_loss() {
    if (links_.back()->untaken() == 0 || links_.back()->server_gone()) {
      lost_at_ = now();
    } else {
      world_.times().after(100 * millisecond, *this);
    }
  }

  void on_time(int) override {
    if (gave_up_) {
      watch_loss();
      return;
    }
    if (gone_ || sent_close_) return;
    if (sent_ == gives_up_after_) {
      give_up();
      return;
    }
    if (sent_ == count_) {
      send_all(farewell());
      return;
    }
    channel_->send(next_message(), false);
    since_ = now();
    const auto wait = choices_.one_in(2) ? microsecond : 300 * millisecond;
    world_.times().after(choices_.between(0, wait), *this);
  }

  void on_bytes(std::string_view data) override {
    reader_.add(data);
    frame_reader::frame one;
    while (!gone_ && reader_.next(one)) take(one);
    if (!reader_.fault().empty() && honest()) fail(reader_.fault());
  }

  void take(const frame_reader::frame& one) {
    if (saw_close_) fail("a frame came behind the Close");
    switch (one.opcode) {
      case close: take_close(one.payload); break;
      case ping:
        if (!ended_) channel_->send(masked_frame(pong, one.payload, true, choices_), false);
        break;
      case pong: break;
      default:
        whole_ += one.payload;
        if (one.last) take_message(std::exchange(whole_, {}));
        break;
    }
  }

  void take_message(const std::string& message) {
    if (message.starts_with('!') || how_.garbles_at) return;
    since_ = now();
    if (const auto wrong = received_.take(message); !wrong.empty()) fail("it received " + wrong);
  }

  void take_close(std::string_view payload) {
    saw_close_ = true;
    close_code_ = payload.size() < 2 ? 1005
                                     : static_cast<unsigned char>(payload[0]) * 256 +
                                           static_cast<unsigned char>(payload[1]);
    note("received Close " + std::to_string(close_code_));
    if (!sent_close_) {
      sent_close_ = true;
      channel_->send(close_frame(close_code_ == 1005 ? 1000 : close_code_), true);
      closed_by_server_ = true;
    }
    if (honest()) check_close();
  }

  /// What must have come before the Close.
  void check_close() {
    if (book().closed_in_order && !world_.stopping()) {
      for (char letter = 'a'; letter <= 'z'; ++letter) {
        const auto promised = book().before_close[static_cast<std::size_t>(letter) & 31U];
        if (received_.of(letter) >= promised) continue;
        fail("of sender '" + std::string(1, letter) + "' it received " +
             std::to_string(received_.of(letter)) + " messages before the Close, of " +
             std::to_string(promised) + " that had been promised");
      }
    }
    const bool echoes = is_mode({"echo", "busy", "pieces", "moved", "late"});
    if (book().accepted_while_stopping && close_code_ != 1001) {
      fail("accepted when the server was stopping it was closed with " +
           std::to_string(close_code_));
    }
    if (echoes && closed_by_server_ && world_.stopping() && close_code_ != 1001) {
      fail("the stop closed it with " + std::to_string(close_code_));
    }
    if (!echoes || closed_by_server_ || world_.stopping()) return;
    if (received_.of('c') != count_) {
      fail("of its " + std::to_string(count_) + " messages " + std::to_string(received_.of('c')) +
           " came back before the Close (" + std::to_string(close_code_) + ")");
    }
    if (close_code_ != 1000)
      fail("its Close 1000 was answered with " + std::to_string(close_code_));
  }

  void on_gone(const std::string& how) override {
    if (gone_) return;
    gone_ = true;
    note("is gone: " + how);
    if (!honest() || is_mode({"random"}) || (without_close_ && ended_)) return;
    // A server that stops gives its peer a second, then what is under way may be lost.
    const bool stalled = links_.back()->stalled_until() > world_.stop_began();
    if (!saw_close_ && world_.stopping() && opened_ && !stalled) {
      fail("the server stopped without a Close to it (" + how + ")");
    }
    if (!saw_close_ && !world_.stopping()) {
      fail("the connection ended without a Close (" + how + ")");
    }
  }

  /// The handler has learnt of it, behind what had come.
  void check_loss() {
    // It may have paused before each message.
    constexpr auto most = 14 * second;
    if (!book().handler_ended || book().handler_ended_at - lost_at_ > most) {
      fail("its handler learnt of the loss " +
           std::to_string((book().handler_ended_at - lost_at_) / millisecond) + " ms later");
    }
    const auto received = book().handler_received.of('c');
    if (all_was_said_ && is_mode({"listening"}) && received != sent_) {
      fail("its handler received " + std::to_string(received) + " of " + std::to_string(sent_) +
           " messages before the loss");
    }
  }

  void check_end() override {
    if (!honest() || world_.stopping() || !opened_) return;
    if (gave_up_) {
      check_loss();
      return;
    }
    const bool chatters = is_mode({"chatter"});
    const bool listens = is_attended() || is_mode({"late"}) || chatters;
    if (!listens || closed_by_server_) return;
    if (!chatters && book().handler_received.of('c') != sent_) {
      fail("its handler received " + std::to_string(book().handler_received.of('c')) + " of " +
           std::to_string(sent_) + " messages");
    }
    if (sent_close_ && !without_close_ && !chatters && !book().handler_saw_close) {
      fail("its handler never saw the Close");
    }
  }

  const char* mode_;
  std::size_t count_;
  bool at_once_;
  bool ends_with_close_;
  bool without_close_;
  bool over_http2_;
  std::optional<std::size_t> gives_up_after_;
  link_relay relay_;
  std::unique_ptr<socket_channel> channel_;
  frame_reader reader_;
  std::string whole_;
  sequence received_;
  std::size_t sent_ = 0;
  nanoseconds since_ = 0;
  nanoseconds lost_at_ = 0;
  int close_code_ = 0;
  bool opened_ = false;
  bool started_ = false;
  bool sent_close_ = false;
  bool saw_close_ = false;
  bool closed_by_server_ = false;
  bool ended_ = false;
  bool gone_ = false;
  bool gave_up_ = false;
  bool all_was_said_ = false;
};

}  // namespace

std::unique_ptr<client> make_websocket_client(world& in, std::size_t index, random choices,
                                              const manners& how) {
  return std::make_unique<websocket_client>(in, index, choices, how);
}

}  // namespace saker::simulation
