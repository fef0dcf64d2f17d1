#pragma once

#include <boost/asio/io_context.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <utility>

#include <saker/async/event_loop.hpp>

#include "async/deadline.hpp"
#include "async/disposable.hpp"
#include "async/idle_watch.hpp"
#include "async/intrusive_list.hpp"
#include "async/kept_objects.hpp"
#include "async/loop_locals.hpp"
#include "async/loop_stop.hpp"
#include "async/mailbox.hpp"
#include "async/turn_tasks.hpp"
#include "async/work_report.hpp"

namespace saker::async {

/// Work that no connection stands for, and that a stop waits for: it is in its loop's list from
/// construction to destruction.
class activity : public list_node<activity> {
 public:
  /// The name outlives it.
  activity(class loop_state& loop, const work_kind& kind, std::string_view name);

  void report_work(work_report& to) const;

 private:
  const work_kind& kind_;
  std::string_view name_;
};

class spawned_task;

/// What the rooms share about one loop. Thread rule: the loop's thread, except `post`, `resume`
/// and `stop`.
class loop_state {
 public:
  static constexpr std::size_t read_buffer_size = 256 * 1024;

  explicit loop_state(event_loop& owner);
  ~loop_state();
  loop_state(const loop_state&) = delete;
  loop_state& operator=(const loop_state&) = delete;

  event_loop& owner() noexcept { return owner_; }
  void run();
  void stop() noexcept { mailbox_.stop(); }
  /// One turn that does not wait, for who drives the loop himself, as a simulation does: serves one
  /// thing that is ready. False: there was none.
  bool turn();
  /// Does what is to be done at the end of a turn, for who serves events of his own amid one of
  /// Asio's.
  void end_turn();
  /// What makes `run` return.
  bool is_over() const noexcept { return mailbox_.is_stopped(); }
  /// Makes `run` return as soon as nothing is open.
  void stop_when_idle() {
    when_idle([this](bool idle) {
      if (idle) stop();
    });
  }
  /// Who is told, at the end of a turn, when nothing is open any more, and when something is again.
  void when_idle(std::function<void(bool)> listener) { idle_.set(std::move(listener)); }
  void post(std::coroutine_handle<> coroutine, std::function<void()> function) {
    mailbox_.post(coroutine, std::move(function));
  }
  void withdraw(std::coroutine_handle<> coroutine) noexcept { mailbox_.withdraw(coroutine); }

  boost::asio::io_context& context() noexcept { return context_; }
  deadline_wheel& deadlines() noexcept { return deadlines_; }

  /// Differs from turn to turn.
  std::uint16_t turn_number() const noexcept { return tasks_.turn_number(); }
  /// Runs the task once at the end of this turn; scheduling it again changes nothing.
  void at_turn_end(turn_task& task) noexcept { tasks_.add(task); }
  /// The same for what resumes coroutines, which comes first: what all of them write leaves
  /// together.
  void resume_at_turn_end(turn_task& task) noexcept { tasks_.add_resumption(task); }
  /// Runs the task at the end of the next turn, when others have had theirs.
  void at_next_turn(turn_task& task);
  /// Destroys the object at the end of this turn, when nothing of it is on the stack.
  void retire(std::unique_ptr<disposable> object) { objects_.retire(std::move(object)); }
  /// Holds an object until `drop`, or until the loop is destroyed.
  void keep(std::unique_ptr<disposable> object) { objects_.keep(std::move(object)); }
  void drop(disposable& object) { objects_.drop(object); }
  /// What is kept but for spawned tasks: the connections.
  std::size_t open_connections() const noexcept { return objects_.size() - spawned_; }
  bool is_idle() const noexcept { return open_connections() == 0 && activities_.empty(); }
  /// The requests, sockets and activities of the loop that have not ended.
  void report_work(work_report& to) const;

  /// Everything that is asked to end by `request_stop`; it leaves the list with its destruction.
  intrusive_list<stoppable>& stoppables() noexcept { return stop_.stoppables(); }
  void request_stop() { stop_.request(); }
  bool is_stopping() const noexcept { return stop_.is_requested(); }
  /// Signalled by `request_stop`, on the loop, before the others are asked.
  std::stop_token stopping() const noexcept { return stop_.token(); }

  /// What there is once for each loop: made on first use, from the loop if it wants one.
  template <class T>
  T& local() {
    return locals_.get<T>(*this);
  }

  void start(task<void> work);
  /// Destroys everything that the loop keeps for others.
  void clear();

 private:
  friend class spawned_task;
  friend class activity;

  event_loop& owner_;
  boost::asio::io_context context_{1};
  loop_locals locals_;
  deadline_wheel deadlines_;
  turn_tasks tasks_;
  loop_stop stop_;
  intrusive_list<activity> activities_;
  kept_objects objects_;
  std::size_t spawned_ = 0;  ///< Of the objects.
  idle_watch idle_;
  mailbox mailbox_;
};

}  // namespace saker::async
