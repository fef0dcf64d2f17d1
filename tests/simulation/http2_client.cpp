#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client.hpp"
#include "h2_session.hpp"
#include "requests.hpp"

namespace saker::simulation {
namespace {

/// Many requests at once on one connection; some are given up in the middle.
class http2_client final : public client, private link_user {
 public:
  http2_client(world& in, std::size_t index, random choices, const manners& how)
      : client(in, index, choices, how) {
    const auto count = 1 + choices_.below(12);
    for (std::size_t i = 0; i < count; ++i) {
      exchanges_.push_back(std::make_unique<exchange>(*this, choose_request(choices_, i, true)));
      exchanges_.back()->gives_up = choices_.one_in(10);
    }
    together_ = 1 + choices_.below(3);
  }

  std::string name() const override {
    std::string text = "HTTP/2:";
    for (const auto& each : exchanges_) text += ' ' + each->plan.kind;
    return text;
  }
  void start() override {
    link_ = &open_link(*this);
    session_ = std::make_unique<h2_session>(*link_);
    if (!link_->connect(application_protocol::http2)) return;
    open_more();
    session_->flush();
  }
  bool finished() const override { return over_ || done_ == exchanges_.size(); }
  nanoseconds waiting_since() const override { return finished() ? 0 : since_; }
  std::string waiting_for() const override {
    std::string text = "the answers to";
    for (const auto& each : exchanges_) {
      if (each->begun && !each->over) text += ' ' + each->plan.target(index_);
    }
    return text;
  }

 private:
  struct exchange final : h2_stream_user {
    exchange(http2_client& client, http_request_plan what) : owner(client), plan(std::move(what)) {}
    void on_status(int code) override { status = code; }
    void on_stream_data(std::string_view data) override {
      body += data;
      if (gives_up) owner.session_->reset(id);
    }
    void on_stream_end() override { ended = true; }
    void on_stream_closed(std::uint32_t error) override { owner.finish(*this, error); }

    http2_client& owner;
    http_request_plan plan;
    std::int32_t id = 0;
    int status = 0;
    std::string body;
    bool begun = false;
    bool ended = false;
    bool over = false;
    bool gives_up = false;
  };

  void open_more() {
    while (next_ < exchanges_.size() && next_ < done_ + together_ && !session_->refused()) {
      auto& each = *exchanges_[next_++];
      h2_session::fields head{{":method", each.plan.has_body() ? "POST" : "GET"},
                              {":scheme", link_->scheme()},
                              {":path", each.plan.target(index_)},
                              {":authority", "a"}};
      each.begun = true;
      each.id = session_->open(head, each, each.plan.has_body());
      if (each.plan.has_body()) session_->send(each.id, each.plan.body(), true);
      since_ = now();
    }
  }

  void finish(exchange& one, std::uint32_t error) {
    one.over = true;
    ++done_;
    since_ = now();
    if (honest() && !world_.stopping() && !one.gives_up) {
      if (!one.ended) {
        if (!one.plan.may_end_without_answer()) {
          fail("the stream of " + one.plan.target(index_) + " ended with error " +
               std::to_string(error));
        }
      } else if (const auto wrong = one.plan.check(one.status, one.body); !wrong.empty()) {
        fail("the answer to " + one.plan.target(index_) + " is wrong: " + wrong);
      }
    }
    note("finished " + one.plan.target(index_));
    open_more();
    if (done_ == exchanges_.size() && choices_.one_in(2)) ends_ = true;
  }

  void on_data(std::string_view data) override {
    if (!session_->receive(data)) {
      if (honest()) fail("what came is no HTTP/2");
      link_->reset();
      over_ = true;
    }
    if (ends_) link_->end();
  }
  void on_end() override {
    end_of_link("ended");
    link_->end();
  }
  void on_reset() override { end_of_link("was reset"); }
  void end_of_link(const std::string& how) {
    if (honest() && !finished() && !world_.stopping()) {
      fail("the connection " + how + " before " + waiting_for());
    }
    over_ = true;
  }

  std::vector<std::unique_ptr<exchange>> exchanges_;
  link* link_ = nullptr;
  std::unique_ptr<h2_session> session_;
  std::size_t together_ = 1;
  std::size_t next_ = 0;
  std::size_t done_ = 0;
  nanoseconds since_ = 0;
  bool ends_ = false;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<client> make_http2_client(world& in, std::size_t index, random choices,
                                          const manners& how) {
  return std::make_unique<http2_client>(in, index, choices, how);
}

}  // namespace saker::simulation
