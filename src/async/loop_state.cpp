#include "async/loop_state.hpp"

#include <boost/asio/post.hpp>

#include <utility>

#include "async/root_task.hpp"
#include "observe/log.hpp"

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
    if (exception)
      observe::log(observe::log_level::error,
                   "A spawned task failed: " + observe::describe(exception));
    loop_.drop(*this);
  }

  loop_state& loop_;
  root_task root_;
};

loop_state::loop_state(event_loop& owner)
    : owner_(owner),
      poller_watch_(context_, poller_.native_handle()),
      deadlines_(context_),
      read_buffer_(new std::byte[read_buffer_size]) {
  watch_poller();
}

loop_state::~loop_state() {
  clear();
  posted_.clear();
  poller_watch_.release();
}

void loop_state::clear() {
  auto* const before = std::exchange(event_loop::current_, &owner_);
  // What was on its way to the loop may own what must end with it.
  std::vector<posted> unheard;
  {
    std::scoped_lock lock(posted_mutex_);
    unheard.swap(posted_);
  }
  unheard.clear();
  while (!kept_.empty() || !retired_.empty()) {
    auto kept = std::exchange(kept_, {});
    for (auto& each : kept) each->kept_at_ = disposable::not_kept;
    auto retired = std::exchange(retired_, {});
  }
  event_loop::current_ = before;
}

void loop_state::run() {
  auto* const before = std::exchange(event_loop::current_, &owner_);
  const auto guard = boost::asio::make_work_guard(context_);
  context_.restart();
  while (!stopped_.load(std::memory_order_relaxed)) {
    context_.run_one();
    end_turn();
  }
  stopped_ = false;
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

void loop_state::stop() noexcept {
  stopped_ = true;
  boost::asio::post(context_, [] {});
}

void loop_state::post(std::coroutine_handle<> coroutine, std::function<void()> function) {
  std::scoped_lock lock(posted_mutex_);
  // In this order nothing is left waiting where the memory for one of them is not to be had.
  if (posted_.empty()) boost::asio::post(context_, [this] { run_posted(); });
  posted_.push_back({coroutine, std::move(function)});
}

void loop_state::run_posted() {
  {
    std::scoped_lock lock(posted_mutex_);
    running_.swap(posted_);
  }
  for (auto& each : running_) {
    if (each.coroutine) {
      each.coroutine.resume();
      continue;
    }
    if (!each.function) continue;
    try {
      each.function();
    } catch (...) {
      observe::log(observe::log_level::error,
                   "A posted function failed: " + observe::describe(std::current_exception()));
    }
  }
  running_.clear();
}

void loop_state::withdraw(std::coroutine_handle<> coroutine) noexcept {
  const auto forget = [&](std::vector<posted>& from) {
    for (auto& each : from) {
      if (each.coroutine == coroutine) each.coroutine = nullptr;
    }
  };
  std::scoped_lock lock(posted_mutex_);
  forget(posted_);
  forget(running_);
}

void loop_state::watch_poller() {
  poller_watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [this](const boost::system::error_code& error) {
                             if (!error) serve_poller();
                           });
}

void loop_state::serve_poller() {
  // Under load the next events are here already: take them without asking Asio, but let its own
  // timers and sockets have their turn.
  constexpr int rounds_before_asio = 16;
  for (int round = 0; round < rounds_before_asio; ++round) {
    const auto served = poller_.poll();
    end_turn();
    if (served < 2) break;
  }
  watch_poller();
}

void loop_state::end_turn() {
  do {
    if (is_stopping_) ask_to_stop();
    run_turn_tasks();
    // What is destroyed may leave something to do.
    if (!retired_.empty()) {
      retired_.swap(retiring_);
      retiring_.clear();
    }
  } while (!resumptions_.empty() || !turn_tasks_.empty() || !retired_.empty() ||
           (is_stopping_ && !stoppables_.empty()));
  deadlines_.end_turn();
  if (idle_listener_) note_idle();
  ++turn_number_;
}

void loop_state::run_turn_tasks() {
  for (;;) {
    if (!resumptions_.empty()) {
      resumptions_.pop_front().on_turn_end();
    } else if (!turn_tasks_.empty()) {
      turn_tasks_.pop_front().on_turn_end();
    } else {
      return;
    }
  }
}

void loop_state::at_next_turn(turn_task& task) {
  if (next_turn_tasks_.empty()) boost::asio::post(context_, [this] { begin_next_turn(); });
  next_turn_tasks_.push_back(task);
}

void loop_state::begin_next_turn() {
  while (!next_turn_tasks_.empty()) turn_tasks_.push_back(next_turn_tasks_.pop_front());
}

void loop_state::keep(std::unique_ptr<disposable> object) {
  object->kept_at_ = kept_.size();
  kept_.push_back(std::move(object));
}

void loop_state::drop(disposable& object) {
  const auto index = std::exchange(object.kept_at_, disposable::not_kept);
  if (index == disposable::not_kept) return;
  retired_.push_back(std::move(kept_[index]));
  if (index + 1 != kept_.size()) {
    kept_[index] = std::move(kept_.back());
    kept_[index]->kept_at_ = index;
  }
  kept_.pop_back();
}

void loop_state::note_idle() {
  if (is_idle() == was_idle_) return;
  was_idle_ = !was_idle_;
  idle_listener_(was_idle_);
}

void loop_state::report_work(work_report& to) const {
  for (const auto& each : kept_) each->report_work(to);
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

void loop_state::request_stop() {
  is_stopping_ = true;
  stop_.request_stop();
  ask_to_stop();
}

void loop_state::ask_to_stop() {
  // Asked once, each leaves the list; what is asked may end others.
  while (!stoppables_.empty()) stoppables_.pop_front().on_stopping();
}

std::size_t loop_state::next_local_place() noexcept {
  static std::atomic<std::size_t> places = 0;
  return places++;
}

void loop_state::start(task<void> work) {
  auto spawned = std::make_unique<spawned_task>(*this, std::move(work));
  auto& reference = *spawned;
  keep(std::move(spawned));
  reference.start();
}

}  // namespace saker::async
