#include "hub_transport.hpp"

#include <deque>
#include <utility>

#include "frames.hpp"
#include "response_reader.hpp"
#include "socket_channel.hpp"

namespace saker::simulation {
namespace {

class socket_transport final : public hub_transport, private channel_user {
 public:
  socket_transport(bool over_http2, link_opener open, hub_user& user, random choices)
      : over_http2_(over_http2), open_(std::move(open)), user_(user), choices_(choices) {}

  void start() override {
    auto& over = open_(relay_);
    if (!over.connect(over_http2_ ? application_protocol::http2 : application_protocol::http1))
      return;
    channel_ = over_http2_ ? extended_connect(over, relay_, "/hub", *this)
                           : upgrade(over, relay_, "/hub", *this);
  }
  void send(std::string text) override {
    if (!ended_ && channel_) channel_->send(masked_frame(1, text, true, choices_), false);
  }
  void stop() override {
    if (!std::exchange(ended_, true) && channel_) {
      channel_->send(masked_frame(8, std::string("\x03\xe8", 2), true, choices_), true);
    }
  }

 private:
  void on_open() override { user_.on_connected(); }
  void on_bytes(std::string_view data) override {
    reader_.add(data);
    frame_reader::frame one;
    while (reader_.next(one)) {
      if (one.opcode == 8) {
        stop();
      } else if (one.opcode == 9) {
        if (!ended_) channel_->send(masked_frame(10, one.payload, true, choices_), false);
      } else if (one.opcode < 3) {
        user_.on_text(one.payload);
      }
    }
  }
  void on_gone(const std::string& how) override { user_.on_lost(how); }

  bool over_http2_;
  link_opener open_;
  hub_user& user_;
  random choices_;
  link_relay relay_;
  std::unique_ptr<socket_channel> channel_;
  frame_reader reader_;
  bool ended_ = false;
};

/// Requests on one connection, one after the other.
class fetcher final : public link_user {
 public:
  using answered = std::function<void(int status, const std::string& body)>;

  fetcher(link_opener open, std::function<void(const std::string&)> lost)
      : open_(std::move(open)), lost_(std::move(lost)) {}

  void fetch(const std::string& method, const std::string& target, const std::string& body,
             answered then) {
    std::string text = method + " " + target + " HTTP/1.1\r\nHost: a\r\n";
    if (method == "POST") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    if (method == "SSE")
      text = "GET " + target + " HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n";
    waiting_.push_back({text + "\r\n" + body, std::move(then)});
    if (waiting_.size() == 1) begin();
  }
  /// Called with what has come of the body so far.
  std::function<void(const std::string& body)> on_progress;
  void end() {
    if (link_) link_->end();
  }

 private:
  struct one {
    std::string text;
    answered then;
  };

  void begin() {
    if (!link_) {
      link_ = &open_(*this);
      if (!link_->connect(application_protocol::http1)) return;
    }
    link_->send(waiting_.front().text);
  }
  void on_data(std::string_view data) override {
    while (!data.empty() && !waiting_.empty()) {
      const bool complete = reader_.read(data);
      if (on_progress && reader_.status() == 200) on_progress(reader_.body());
      if (!complete) return;
      finish();
    }
  }
  void finish() {
    const auto status = reader_.status();
    const auto body = reader_.body();
    const auto closes = reader_.closes();
    reader_.next();
    auto then = std::move(waiting_.front().then);
    waiting_.pop_front();
    if (closes) {
      link_->end();
      link_ = nullptr;
    }
    if (!waiting_.empty()) begin();
    if (then) then(status, body);
  }
  void on_end() override {
    if (reader_.begun() && reader_.end() && !waiting_.empty()) finish();
    if (link_) link_->end();
    lose("the end");
  }
  void on_reset() override { lose("a reset"); }
  void lose(const std::string& how) {
    // An idle connection may end; one that was used up has ended already.
    link_ = nullptr;
    reader_.next();
    if (!waiting_.empty()) lost_(how);
    waiting_.clear();
  }

  link_opener open_;
  std::function<void(const std::string&)> lost_;
  link* link_ = nullptr;
  response_reader reader_;
  std::deque<one> waiting_;
};

std::string token_of(const std::string& negotiation) {
  const std::string key = "\"connectionToken\":\"";
  const auto at = negotiation.find(key);
  if (at == std::string::npos) return {};
  const auto begin = at + key.size();
  return negotiation.substr(begin, negotiation.find('"', begin) - begin);
}

/// Server-sent events or long polling: one connection that hears, one that speaks.
class http_transport final : public hub_transport {
 public:
  http_transport(bool polls, const link_opener& open, hub_user& user)
      : polls_(polls),
        user_(user),
        hears_(open, [this](const std::string& how) { lose(how); }),
        speaks_(open, [this](const std::string& how) { lose(how); }) {}

  void start() override {
    speaks_.fetch("POST", "/hub/negotiate?negotiateVersion=1", "",
                  [this](int status, const std::string& body) {
                    if (status != 200) return lose("status " + std::to_string(status));
                    target_ = "/hub?id=" + token_of(body);
                    begin();
                  });
  }
  void send(std::string text) override {
    if (lost_ || stopped_) return;
    speaks_.fetch("POST", target_, text, [this](int status, const std::string&) {
      if (status != 200 && !stopped_) lose("status " + std::to_string(status) + " to a POST");
    });
  }
  void stop() override {
    if (std::exchange(stopped_, true)) return;
    if (polls_ && !target_.empty()) {
      speaks_.fetch("DELETE", target_, "", [this](int, const std::string&) { speaks_.end(); });
    } else {
      hears_.end();
      speaks_.end();
    }
  }

 private:
  void begin() {
    if (polls_) {
      hears_.fetch("GET", target_, "",
                   [this](int status, const std::string& body) { take_poll(status, body, true); });
      return;
    }
    hears_.on_progress = [this](const std::string& body) { take_events(body); };
    hears_.fetch("SSE", target_, "", [this](int status, const std::string&) {
      lose("status " + std::to_string(status) + " and the end of the events");
    });
  }

  void take_poll(int status, const std::string& body, bool first) {
    if (status != 200) {
      lose("status " + std::to_string(status) + " to a poll");
      return;
    }
    if (!stopped_ && !lost_) {
      hears_.fetch("GET", target_, "",
                   [this](int next, const std::string& more) { take_poll(next, more, false); });
    }
    if (first) user_.on_connected();
    if (!body.empty()) user_.on_text(body);
  }

  void take_events(const std::string& body) {
    if (!std::exchange(connected_, true)) user_.on_connected();
    for (;;) {
      const auto end = body.find("\r\n\r\n", taken_);
      if (end == std::string::npos) return;
      auto event = body.substr(taken_, end - taken_);
      taken_ = end + 4;
      if (event.starts_with("data: ")) user_.on_text(std::string_view(event).substr(6));
    }
  }

  void lose(const std::string& how) {
    if (std::exchange(lost_, true)) return;
    hears_.end();
    speaks_.end();
    user_.on_lost(how);
  }

  bool polls_;
  hub_user& user_;
  fetcher hears_;
  fetcher speaks_;
  std::string target_;
  std::size_t taken_ = 0;
  bool connected_ = false;
  bool stopped_ = false;
  bool lost_ = false;
};

}  // namespace

std::unique_ptr<hub_transport> make_hub_transport(hub_way way, link_opener open, hub_user& user,
                                                  random choices) {
  if (way == hub_way::server_sent_events || way == hub_way::long_polling) {
    return std::make_unique<http_transport>(way == hub_way::long_polling, open, user);
  }
  return std::make_unique<socket_transport>(way == hub_way::websocket_over_http2, std::move(open),
                                            user, choices);
}

}  // namespace saker::simulation
