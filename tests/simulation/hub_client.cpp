#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "client.hpp"
#include "hub_transport.hpp"

namespace saker::simulation {
namespace {

using json = nlohmann::json;

constexpr const char* way_names[] = {"WebSocket", "WebSocket over HTTP/2", "server-sent events",
                                     "long polling"};

/// Calls methods and checks what they give.
class hub_client final : public client, private hub_user, private timed {
 public:
  hub_client(world& in, std::size_t index, random choices, const manners& how)
      : client(in, index, choices, how),
        way_(static_cast<hub_way>(choices_.below(4))),
        calls_(choices_.below(15)) {
    if (!in.what().has(part::http2) && way_ == hub_way::websocket_over_http2) {
      way_ = hub_way::websocket;
    }
    // Who has never sent a Ping is not missed; what pings it is sent fills no buffer for long.
    how_.system_gives_up_after = 300 * second;
    transport_ = make_hub_transport(
        way_, [this](link_user& user) -> link& { return open_link(user); }, *this,
        choices_.fork(5));
  }

  std::string name() const override {
    return std::string("SignalR over ") + way_names[static_cast<int>(way_)] + ", " +
           std::to_string(calls_) + " calls";
  }
  void start() override {
    since_ = now();
    transport_->start();
  }
  bool finished() const override { return lost_ || (stopped_ && now() - since_ > 2 * second); }
  nanoseconds waiting_since() const override {
    if (lost_ || stopped_) return 0;
    return acts() ? std::max(since_, world_.trickled_at()) : since_;
  }
  bool waits_for_others() const override { return acts() && world_.trickled_at() == now(); }
  std::string waiting_for() const override {
    if (!ready_) return "the answer to the handshake";
    std::string text = "the results of";
    for (const auto& [id, one] : open_) text += ' ' + id + ' ' + one.method;
    return text;
  }

 private:
  struct call {
    std::string method;
    json expected;
    int items = 0;
  };

  /// A call may wait for all clients, and others behind it.
  bool acts() const {
    return std::ranges::any_of(open_, [](const auto& each) { return each.second.method == "Act"; });
  }

  void on_connected() override {
    say({{"protocol", "json"}, {"version", 1}});
    say({{"type", 6}});
  }
  void say(const json& message) { transport_->send(message.dump() + '\x1e'); }

  void on_text(std::string_view text) override {
    buffer_ += text;
    for (;;) {
      const auto end = buffer_.find('\x1e');
      if (end == std::string::npos) return;
      const auto one = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      take(json::parse(one, nullptr, false));
    }
  }

  void take(const json& message) {
    if (message.is_discarded()) {
      if (honest()) fail("a message is no JSON");
      return;
    }
    if (!ready_) {
      if (message.contains("error")) return;
      ready_ = true;
      since_ = now();
      call_more();
      on_time(1);
      return;
    }
    switch (message.value("type", 0)) {
      case 1: answer(message); break;
      case 2: take_item(message); break;
      case 3: take_result(message); break;
      case 7:
        closed_ = true;
        transport_->stop();
        break;
      default: break;
    }
  }

  void answer(const json& message) {
    if (!message.contains("invocationId")) return;
    if (choices_.one_in(2)) {
      reply(message["invocationId"], message["arguments"][0]);
      return;
    }
    world_.times().after(choices_.between(0, second),
                         [this, id = message["invocationId"], value = message["arguments"][0]] {
                           reply(id, value);
                         });
  }
  void reply(const json& id, const json& value) {
    if (!stopped_ && !lost_) say({{"type", 3}, {"invocationId", id}, {"result", value}});
  }

  void take_item(const json& message) {
    const auto found = open_.find(message.value("invocationId", ""));
    if (found == open_.end()) return;
    const int item = message["item"];
    if (item != found->second.items++ && honest()) {
      fail("item " + std::to_string(item) + " of a stream came where " +
           std::to_string(found->second.items - 1) + " was due");
    }
  }

  void take_result(const json& message) {
    const auto found = open_.find(message.value("invocationId", ""));
    if (found == open_.end()) {
      if (honest()) fail("a result that nobody waits for: " + message.dump());
      return;
    }
    const auto one = std::move(found->second);
    open_.erase(found);
    note("result of " + one.method);
    since_ = now();
    if (honest() && !closed_) check(one, message);
    call_more();
  }

  void check(const call& one, const json& message) {
    if (one.method == "Act") return;
    if (one.method == "Fail") {
      if (!message.contains("error")) fail("Fail has not failed");
      return;
    }
    if (message.contains("error")) {
      fail(one.method + " failed: " + message["error"].dump());
    }
    if (one.method == "Count") {
      if (one.items != one.expected) fail("a stream ended after " + std::to_string(one.items));
    } else if (message.value("result", json()) != one.expected) {
      fail(one.method + " gave " + message.dump().substr(0, 200));
    }
  }

  void call_more() {
    while (!stopped_ && made_ < calls_ && open_.size() < 3) make_call();
    if (made_ < calls_ || !open_.empty() || stopped_) return;
    stopped_ = true;
    since_ = now();
    transport_->stop();
  }

  void make_call() {
    const auto id = std::to_string(made_++);
    since_ = now();
    const auto invoke = [&](const char* method, const json& arguments, json expected,
                            int type = 1) {
      open_[id] = {method, std::move(expected)};
      say({{"type", type}, {"invocationId", id}, {"target", method}, {"arguments", arguments}});
    };
    const auto group = std::string(1, static_cast<char>('a' + choices_.below(3)));
    const auto size = static_cast<int>(choices_.below(choices_.one_in(4) ? 8000 : 100));
    switch (choices_.below(10)) {
      case 0: {
        const auto time = choices_.below(2000);
        invoke("Slow", {time}, time);
        break;
      }
      case 1: invoke("Fail", json::array(), {}); break;
      case 2: invoke("Join", {group}, 1); break;
      case 3: invoke("Leave", {group}, 1); break;
      case 4: invoke("Tell", {choices_.one_in(2) ? group : "", size}, size); break;
      case 5: invoke("Count", {size % 60}, size % 60, 4); break;
      case 6: invoke("Ask", {size}, size + 1); break;
      case 7:
        if (choices_.one_in(3)) {
          acted_ = true;
          invoke("Act", {size}, {});
          break;
        }
        [[fallthrough]];
      default: {
        const std::string text(static_cast<std::size_t>(size), 'e');
        invoke("Echo", {text}, text);
        break;
      }
    }
  }

  /// A client pings, so that the server knows that it is there.
  void on_time(int) override {
    if (lost_ || stopped_) return;
    say({{"type", 6}});
    world_.times().after(4 * second, *this);
  }

  void on_lost(const std::string& how) override {
    if (std::exchange(lost_, true)) return;
    note("is lost: " + how);
    // A method may have ended it, and a slow one is ended by what others send to it.
    const bool may_end = stopped_ || closed_ || acted_ || world_.stopping();
    if (honest() && !may_end) fail("the connection is lost (" + how + ") before " + waiting_for());
  }

  hub_way way_;
  std::size_t calls_;
  std::unique_ptr<hub_transport> transport_;
  std::string buffer_;
  std::map<std::string, call> open_;
  std::size_t made_ = 0;
  nanoseconds since_ = 0;
  bool ready_ = false;
  bool stopped_ = false;
  bool closed_ = false;
  bool acted_ = false;
  bool lost_ = false;
};

}  // namespace

std::unique_ptr<client> make_hub_client(world& in, std::size_t index, random choices,
                                        const manners& how) {
  return std::make_unique<hub_client>(in, index, choices, how);
}

}  // namespace saker::simulation
