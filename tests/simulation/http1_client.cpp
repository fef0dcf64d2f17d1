#include <string>
#include <utility>
#include <vector>

#include "client.hpp"
#include "requests.hpp"
#include "response_reader.hpp"

namespace saker::simulation {
namespace {

/// Sends its requests one after the other, or several at once, and checks each answer.
class http1_client final : public client, private link_user, private timed {
 public:
  http1_client(world& in, std::size_t index, random choices, const manners& how)
      : client(in, index, choices, how) {
    const auto count = 1 + choices_.below(8);
    for (std::size_t i = 0; i < count; ++i) {
      plans_.push_back(choose_request(choices_, i, i + 1 == count));
    }
    pipelined_ = choices_.one_in(2) ? 1 + choices_.below(count) : 1;
    ends_early_ = choices_.one_in(4);
    if (honest() && choices_.one_in(6)) {
      plans_.back().kind = "until_gone";
      ends_early_ = false;
    }
  }

  std::string name() const override {
    std::string text = "HTTP/1.1, " + std::to_string(pipelined_) + " at once:";
    for (const auto& each : plans_) text += ' ' + each.kind;
    return text;
  }
  void start() override {
    link_ = &open_link(*this);
    if (link_->connect(application_protocol::http1)) send_more();
  }
  bool finished() const override { return answered_ == plans_.size() || over_; }
  nanoseconds waiting_since() const override { return finished() ? 0 : since_; }
  std::string waiting_for() const override {
    return "the answer to request " + std::to_string(answered_) + " (" +
           (answered_ < plans_.size() ? plans_[answered_].target(index_) : "") + ")";
  }

 private:
  void send_more() {
    while (sent_ < plans_.size() && sent_ < answered_ + pipelined_) {
      link_->send(text_of(plans_[sent_++]));
      since_ = now();
    }
    // A client may end its side and still wait for its answers; a body that is watched for the end
    // may end with it.
    if (sent_ == plans_.size() && ends_early_) link_->end();
    if (answered_ + 1 == plans_.size() && waits_to_go()) go_later();
  }

  bool waits_to_go() const { return plans_.back().kind == "until_gone"; }

  /// The handler of the last request learns that the client has gone, also when it has left
  /// something behind the request.
  void go_later() {
    if (choices_.one_in(2)) link_->send("GET");
    const auto most = choices_.one_in(2) ? 3 * second : 20 * second;
    world_.times().after(choices_.between(millisecond, most), *this);
  }
  void on_time(int) override {
    if (choices_.one_in(3)) {
      link_->reset();
    } else {
      link_->end();
    }
    over_ = true;
  }

  std::string text_of(const http_request_plan& plan) {
    std::string text = plan.has_body() ? "POST " : "GET ";
    text += plan.target(index_) + " HTTP/1.1\r\nHost: a\r\n";
    if (!plan.has_body()) return text + "\r\n";
    const auto body = plan.body();
    if (choices_.one_in(2)) {
      return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    text += "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size();) {
      const auto count = 1 + choices_.below(std::min<std::size_t>(body.size() - at, 5000));
      char size[20];
      std::snprintf(size, sizeof size, "%zx\r\n", count);
      text += size + body.substr(at, count) + "\r\n";
      at += count;
    }
    return text + "0\r\n\r\n";
  }

  void on_data(std::string_view data) override {
    while (!data.empty() && !over_) {
      if (answered_ == sent_ && honest()) fail("an answer that nobody asked for");
      if (!reader_.read(data)) break;
      take_answer();
    }
    if (!reader_.fault().empty() && honest()) fail(reader_.fault());
  }

  void take_answer() {
    if (answered_ >= plans_.size()) {
      over_ = true;
      return;
    }
    const auto& plan = plans_[answered_];
    const auto wrong = plan.check(reader_.status(), reader_.body());
    if (!wrong.empty() && must_answer()) {
      fail("the answer to " + plan.target(index_) + " is wrong: " + wrong);
    }
    note("answered " + plan.target(index_));
    ++answered_;
    since_ = now();
    const bool closes = reader_.closes();
    reader_.next();
    if (closes && answered_ < plans_.size()) {
      // With the rest of a body unread the server may choose so.
      over_ = true;
      link_->end();
      return;
    }
    send_more();
    if (answered_ == plans_.size()) link_->end();
  }

  bool must_answer() const { return honest() && !world_.stopping(); }

  void on_end() override {
    if (reader_.begun() && reader_.end()) take_answer();
    end_of_link("ended");
    link_->end();
  }
  void on_reset() override { end_of_link("was reset"); }
  void end_of_link(const std::string& how) {
    if (sent_ == 0) {  // Nobody listens any more.
      over_ = true;
      return;
    }
    // What is left of a body that nobody reads is waited for for a while only, and an abort
    // takes away what is on its way.
    const bool may_end = finished() || plans_[sent_ - 1].may_end_without_answer() ||
                         (answered_ > 0 && plans_[answered_ - 1].kind == "ignore");
    if (must_answer() && !may_end) {
      fail("the connection " + how + " before " + waiting_for());
    }
    over_ = true;
  }

  std::vector<http_request_plan> plans_;
  std::size_t pipelined_;
  bool ends_early_;
  link* link_ = nullptr;
  response_reader reader_;
  std::size_t sent_ = 0;
  std::size_t answered_ = 0;
  nanoseconds since_ = 0;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<client> make_http1_client(world& in, std::size_t index, random choices,
                                          const manners& how) {
  return std::make_unique<http1_client>(in, index, choices, how);
}

}  // namespace saker::simulation
