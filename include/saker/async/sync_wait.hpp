#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <saker/async/event_loop.hpp>
#include <saker/async/task.hpp>

namespace saker {

/// Runs a task to its end on a private event loop of the calling thread and returns its result: the
/// bridge from ordinary threads, `main` and tests. It blocks: never call it on an event loop of a
/// server (it throws `std::logic_error` there). Rethrows an exception of the task.
template <class T>
T sync_wait(task<T> work);

namespace detail {

/// Throws when the calling thread already runs a loop.
void require_no_current_loop();

template <class T>
task<void> store_result(task<T> work, std::optional<T>& result, std::exception_ptr& exception,
                        event_loop& loop) {
  try {
    result.emplace(co_await std::move(work));
  } catch (...) {
    exception = std::current_exception();
  }
  loop.stop();
}

inline task<void> store_result(task<void> work, std::exception_ptr& exception, event_loop& loop) {
  try {
    co_await std::move(work);
  } catch (...) {
    exception = std::current_exception();
  }
  loop.stop();
}

}  // namespace detail

template <class T>
T sync_wait(task<T> work) {
  detail::require_no_current_loop();
  std::exception_ptr exception;
  event_loop loop;
  if constexpr (std::is_void_v<T>) {
    spawn(loop, detail::store_result(std::move(work), exception, loop));
    loop.run();
    if (exception) std::rethrow_exception(exception);
  } else {
    std::optional<T> result;
    spawn(loop, detail::store_result(std::move(work), result, exception, loop));
    loop.run();
    if (exception) std::rethrow_exception(exception);
    return std::move(*result);
  }
}

}  // namespace saker
