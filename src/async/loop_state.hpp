#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <vector>

#include <saker/async/event_loop.hpp>

#include "async/deadline.hpp"
#include "async/disposable.hpp"
#include "async/intrusive_list.hpp"
#include "async/work_report.hpp"
#include "io/output_queue.hpp"
#include "io/poller.hpp"

namespace saker::async {

/// Something to do once before the loop looks for new events: resume, flush.
class turn_task : public list_node<turn_task> {
 public:
  virtual void on_turn_end() = 0;

 protected:
  ~turn_task() = default;
};

/// What must end when the server stops: it is asked once, in order, and may take its time. What
/// joins the list after the stop has begun is asked at the end of that turn.
class stoppable : public list_node<stoppable> {
 public:
  virtual void on_stopping() = 0;

 protected:
  ~stoppable() = default;
};

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

  void run();
  void stop() noexcept;
  /// One turn that does not wait, for who drives the loop himself, as a simulation does: serves one
  /// thing that is ready. False: there was none.
  bool turn();
  /// What makes `run` return.
  bool is_over() const noexcept { return stopped_.load(std::memory_order_relaxed); }
  /// Makes `run` return as soon as nothing is open.
  void stop_when_idle() {
    when_idle([this](bool idle) {
      if (idle) stop();
    });
  }
  /// Who is told, at the end of a turn, when nothing is open any more, and when something is again.
  void when_idle(std::function<void(bool)> listener) { idle_listener_ = std::move(listener); }
  void post(std::coroutine_handle<> coroutine, std::function<void()> function);
  void withdraw(std::coroutine_handle<> coroutine) noexcept;

  boost::asio::io_context& context() noexcept { return context_; }
  io::poller& poller() noexcept { return poller_; }
  io::chunk_pool& chunks() noexcept { return chunks_; }
  deadline_wheel& deadlines() noexcept { return deadlines_; }
  /// The one buffer that all connections of the loop receive into.
  std::span<std::byte> read_buffer() noexcept { return {read_buffer_.get(), read_buffer_size}; }

  /// Differs from turn to turn.
  std::uint16_t turn_number() const noexcept { return turn_number_; }
  /// Runs the task once at the end of this turn; scheduling it again changes nothing.
  void at_turn_end(turn_task& task) noexcept { turn_tasks_.push_back(task); }
  /// The same for what resumes coroutines, which comes first: what all of them write leaves
  /// together.
  void resume_at_turn_end(turn_task& task) noexcept { resumptions_.push_back(task); }
  /// Runs the task at the end of the next turn, when others have had theirs.
  void at_next_turn(turn_task& task);
  /// Destroys the object at the end of this turn, when nothing of it is on the stack.
  void retire(std::unique_ptr<disposable> object) { retired_.push_back(std::move(object)); }
  /// Holds an object until `drop`, or until the loop is destroyed.
  void keep(std::unique_ptr<disposable> object);
  void drop(disposable& object);
  /// What is kept but for spawned tasks: the connections.
  std::size_t open_connections() const noexcept { return kept_.size() - spawned_; }
  bool is_idle() const noexcept { return open_connections() == 0 && activities_.empty(); }
  /// The requests, sockets and activities of the loop that have not ended.
  void report_work(work_report& to) const;

  /// Everything that is asked to end by `request_stop`; it leaves the list with its destruction.
  intrusive_list<stoppable>& stoppables() noexcept { return stoppables_; }
  void request_stop();
  bool is_stopping() const noexcept { return is_stopping_; }
  /// Signalled by `request_stop`, on the loop, before the others are asked.
  std::stop_token stopping() const noexcept { return stop_.get_token(); }

  /// What there is once for each loop, default-constructed on first use.
  template <class T>
  T& local() {
    static const std::size_t place = next_local_place();
    if (locals_.size() <= place) locals_.resize(place + 1);
    if (!locals_[place]) locals_[place] = std::make_unique<kept_value<T>>();
    return static_cast<kept_value<T>&>(*locals_[place]).value;
  }

  void start(task<void> work);
  /// Destroys everything that the loop keeps for others.
  void clear();

 private:
  friend class spawned_task;
  friend class activity;
  template <class T>
  struct kept_value final : disposable {
    T value;
  };
  struct posted {
    std::coroutine_handle<> coroutine;
    std::function<void()> function;
  };

  static std::size_t next_local_place() noexcept;
  void watch_poller();
  void serve_poller();
  void run_posted();
  void begin_next_turn();
  void end_turn();
  void run_turn_tasks();
  void ask_to_stop();
  void note_idle();

  event_loop& owner_;
  boost::asio::io_context context_{1};
  io::poller poller_;
  boost::asio::posix::stream_descriptor poller_watch_;
  io::chunk_pool chunks_;
  deadline_wheel deadlines_;
  std::unique_ptr<std::byte[]> read_buffer_;
  intrusive_list<turn_task> resumptions_;
  intrusive_list<turn_task> turn_tasks_;
  intrusive_list<turn_task> next_turn_tasks_;
  intrusive_list<stoppable> stoppables_;
  intrusive_list<activity> activities_;
  std::vector<std::unique_ptr<disposable>> retired_;
  std::vector<std::unique_ptr<disposable>> retiring_;  ///< Being destroyed; kept for its memory.
  std::vector<std::unique_ptr<disposable>> kept_;
  std::vector<std::unique_ptr<disposable>> locals_;
  std::size_t spawned_ = 0;
  std::uint16_t turn_number_ = 0;
  std::function<void(bool)> idle_listener_;
  bool was_idle_ = false;
  bool is_stopping_ = false;
  std::stop_source stop_;
  std::atomic<bool> stopped_ = false;

  std::mutex posted_mutex_;
  std::vector<posted> posted_;
  std::vector<posted> running_;
};

}  // namespace saker::async
