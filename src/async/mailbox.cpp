#include "async/mailbox.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

#include "async/failure.hpp"

namespace saker::async {

void mailbox::post(std::coroutine_handle<> coroutine, std::function<void()> function) {
  std::scoped_lock lock(mutex_);
  // In this order nothing is left waiting where the memory for one of them is not to be had.
  if (posted_.empty()) boost::asio::post(context_, [this] { run_posted(); });
  posted_.push_back({coroutine, std::move(function)});
}

void mailbox::run_posted() {
  {
    std::scoped_lock lock(mutex_);
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
      report_failure("A posted function failed", std::current_exception());
    }
  }
  running_.clear();
}

void mailbox::withdraw(std::coroutine_handle<> coroutine) noexcept {
  const auto forget = [&](std::vector<posted>& from) {
    for (auto& each : from) {
      if (each.coroutine == coroutine) each.coroutine = nullptr;
    }
  };
  std::scoped_lock lock(mutex_);
  forget(posted_);
  forget(running_);
}

void mailbox::clear() {
  std::vector<posted> unheard;  // Destroyed when the lock has been released.
  std::scoped_lock lock(mutex_);
  unheard.swap(posted_);
}

void mailbox::stop() noexcept {
  stopped_ = true;
  boost::asio::post(context_, [] {});
}

}  // namespace saker::async
