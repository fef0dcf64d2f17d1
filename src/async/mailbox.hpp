#pragma once

#include <atomic>
#include <coroutine>
#include <functional>
#include <mutex>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace saker::async {

/// What a loop is told from other threads. Thread rule: any thread, but for what says otherwise.
class mailbox {
 public:
  explicit mailbox(boost::asio::io_context& context) noexcept : context_(context) {}
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;

  /// Resumes the coroutine or calls the function on the loop's thread, in order.
  void post(std::coroutine_handle<> coroutine, std::function<void()> function);
  /// On the loop's thread, or while the loop does not run.
  void withdraw(std::coroutine_handle<> coroutine) noexcept;
  /// Destroys what has not run, which may own what must end with the loop.
  void clear();

  /// Ends the loop's `run`.
  void stop() noexcept;
  bool is_stopped() const noexcept { return stopped_.load(std::memory_order_relaxed); }
  void forget_stop() noexcept { stopped_ = false; }

 private:
  struct posted {
    std::coroutine_handle<> coroutine;
    std::function<void()> function;
  };

  void run_posted();

  boost::asio::io_context& context_;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::vector<posted> posted_;
  std::vector<posted> running_;
};

}  // namespace saker::async
