#pragma once

#include <chrono>
#include <cstddef>
#include <forward_list>
#include <optional>
#include <string>
#include <vector>

#include <saker/async/completion_source.hpp>

namespace saker::redis {

/// Completes with an error, or an empty text.
using confirmation_source = completion_source<std::string>;

/// Who awaits that a subscription is confirmed. What is taken is to be completed without a lock.
///
/// Owner: the subscription. Thread rule: any thread, under its owner's lock.
class confirmation_waiters {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The deadline: Redis is away already.
  confirmation_source add(bool insists, std::optional<time_point> deadline) {
    return waiters_.emplace_front(waiter{{}, insists, deadline}).outcome;
  }
  /// Moves all of them.
  void take(std::vector<confirmation_source>& to);
  /// Redis is away: moves those who need not wait for it; the others get that deadline, if they
  /// have none yet.
  void take_patient(time_point deadline, std::vector<confirmation_source>& to);
  /// Moves those whose deadline has come; returns how many that insist are left.
  std::size_t take_late(time_point now, std::vector<confirmation_source>& to);

 private:
  struct waiter {
    confirmation_source outcome;
    bool insists;
    std::optional<time_point> deadline;  ///< Since Redis is away.
  };

  std::forward_list<waiter> waiters_;
};

}  // namespace saker::redis
