#pragma once

// Awaiting Asio operations in a saker::task. Not part of <saker/saker.hpp>, because it includes
// Asio's headers.

#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <saker/async/event_loop.hpp>
#include <saker/async/task.hpp>

namespace saker {

namespace detail {

/// Awaits one deferred Asio operation. A leading error_code is thrown as an exception
/// (`boost::system::system_error`, the counterpart of `std::system_error`), a leading exception_ptr
/// is rethrown; the remaining values are the result: nothing, one value, or a tuple.
template <class Operation, class... Results>
class asio_awaiter {
 public:
  explicit asio_awaiter(Operation&& operation) : operation_(std::move(operation)) {}
  asio_awaiter(asio_awaiter&& other) noexcept : operation_(std::move(other.operation_)) {}

  bool await_ready() const noexcept { return false; }

  void await_suspend(std::coroutine_handle<> caller) {
    std::move(operation_)([this, caller](Results... results) {
      results_.emplace(std::move(results)...);
      caller.resume();
    });
  }

  auto await_resume() { return unpack(std::move(*results_)); }

 private:
  template <class First, class... Rest>
  static auto unpack(std::tuple<First, Rest...>&& all) {
    if constexpr (std::is_same_v<First, boost::system::error_code>) {
      if (std::get<0>(all)) throw boost::system::system_error(std::get<0>(all));
      return tail(std::move(all), std::index_sequence_for<Rest...>());
    } else if constexpr (std::is_same_v<First, std::exception_ptr>) {
      if (std::get<0>(all)) std::rethrow_exception(std::get<0>(all));
      return tail(std::move(all), std::index_sequence_for<Rest...>());
    } else {
      return simplify(std::move(all));
    }
  }
  static void unpack(std::tuple<>&&) {}

  template <class Tuple, std::size_t... Index>
  static auto tail(Tuple&& all, std::index_sequence<Index...>) {
    return simplify(std::make_tuple(std::move(std::get<Index + 1>(all))...));
  }

  template <class... Values>
  static auto simplify(std::tuple<Values...>&& values) {
    if constexpr (sizeof...(Values) == 1) {
      return std::get<0>(std::move(values));
    } else if constexpr (sizeof...(Values) > 1) {
      return std::move(values);
    }
  }

  Operation operation_;
  std::optional<std::tuple<Results...>> results_;
};

}  // namespace detail

/// Starts a task on any Asio executor. Calls the handler `void(std::exception_ptr)` on that
/// executor when the task has ended, with the task's exception, if any.
template <class Executor, class Handler>
void spawn(const Executor& executor, task<void> work, Handler handler);

namespace detail {

struct asio_spawned {
  struct promise_type {
    asio_spawned get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

template <class Handler>
asio_spawned run_spawned(task<void> work, Handler handler) {
  std::exception_ptr exception;
  try {
    co_await work;
  } catch (...) {
    exception = std::current_exception();
  }
  handler(exception);
}

}  // namespace detail

template <class Executor, class Handler>
void spawn(const Executor& executor, task<void> work, Handler handler) {
  boost::asio::post(executor, [work = std::move(work), handler = std::move(handler)]() mutable {
    detail::run_spawned(std::move(work), std::move(handler));
  });
}

}  // namespace saker

namespace boost::asio {

/// Awaits an Asio operation in a saker::task: `co_await timer.async_wait(boost::asio::deferred)`.
/// The coroutine resumes on the executor of the Asio object, which is the loop's own if the object
/// was created with `event_loop::context()`. Cancellation: cancel the Asio object; the coroutine
/// must not be destroyed while the operation is in progress on a running loop.
template <class... Results, class Initiation, class... Arguments>
auto operator co_await(
    deferred_async_operation<void(Results...), Initiation, Arguments...>&& operation) {
  using type = deferred_async_operation<void(Results...), Initiation, Arguments...>;
  return saker::detail::asio_awaiter<type, std::decay_t<Results>...>(std::move(operation));
}

}  // namespace boost::asio
