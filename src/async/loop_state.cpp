#include "async/loop_state.hpp"

#include <boost/asio/post.hpp>

#include <string>
#include <utility>

#include "async/failure.hpp"
#include "async/root_task.hpp"

namespace saker::async {

/// A task that `spawn` gave to the loop.
class spawned_task final : public disposable, private task_listener {
 public:
  spawned_task(loop_state& loop, task<void> work) : loop_(loop), root_(std::move(work)) {
    ++loop_.spawned_;
  }
  ~spawned_task() override { --loop_.spawned_; }
  void start() { root_.start(*this); }

 private:
  void on_task_done(std::exception_ptr exception) noexcept override {
    if (exception) report_failure("A spawned task failed", exception);
    loop_.drop(*this);
  }

  loop_state& loop_;
  root_task root_;
};

loop_state::loop_state(event_loop& owner)
    : owner_(owner), deadlines_(context_), mailbox_(context_) {}

loop_state::~loop_state() {
  clear();
  mailbox_.clear();
}

void loop_state::clear() {
  auto* const before = std::exchange(event_loop::current_, &owner_);
  mailbox_.clear();
  objects_.clear();
  event_loop::current_ = before;
}

void loop_state::run() {
  auto* const before = std::exchange(event_loop::current_, &owner_);
  const auto guard = boost::asio::make_work_guard(context_);
  context_.restart();
  while (!is_over()) {
    context_.run_one();
    end_turn();
  }
  mailbox_.forget_stop();
  event_loop::current_ = before;
}

bool loop_state::turn() {
  auto* const before = std::exchange(event_loop::current_, &owner_);
  context_.restart();
  const bool served = context_.poll_one() != 0;
  end_turn();
  event_loop::current_ = before;
  return served;
}

void loop_state::end_turn() {
  do {
    stop_.ask();
    tasks_.run();
    // What is destroyed may leave something to do.
    objects_.destroy_retired();
  } while (!tasks_.empty() || objects_.has_retired() || stop_.has_to_ask());
  deadlines_.end_turn();
  if (idle_.is_set()) idle_.note(is_idle());
  tasks_.count_turn();
}

void loop_state::at_next_turn(turn_task& task) {
  if (!tasks_.has_later()) {
    boost::asio::post(context_, [this] { tasks_.add_what_was_later(); });
  }
  tasks_.add_later(task);
}

void loop_state::report_work(work_report& to) const {
  for (const auto& each : objects_.all()) each->report_work(to);
  activities_.for_each([&](const activity& each) { each.report_work(to); });
}

activity::activity(loop_state& loop, const work_kind& kind, std::string_view name)
    : kind_(kind), name_(name) {
  loop.activities_.push_back(*this);
}

void activity::report_work(work_report& to) const {
  if (name_.empty()) {
    to.add(kind_);
  } else {
    to.add(kind_, [this] { return std::string(name_); });
  }
}

void loop_state::start(task<void> work) {
  auto spawned = std::make_unique<spawned_task>(*this, std::move(work));
  auto& reference = *spawned;
  keep(std::move(spawned));
  reference.start();
}

}  // namespace saker::async
