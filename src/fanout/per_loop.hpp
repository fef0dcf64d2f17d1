#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <mutex>
#include <vector>

#include <saker/async/event_loop.hpp>

namespace saker::fanout {

/// What many receivers have on each of their loops, made when it is first needed: the members of a
/// group, the mail of a hub. A part knows its loop.
///
/// Owner: the group, the audience. Thread rule: any thread.
template <class Part>
class per_loop {
 public:
  /// Returns the part of that loop; `make` is called for the first one.
  template <class Make>
  std::shared_ptr<Part> of(const event_loop& loop, Make make) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::find_if(parts_.begin(), parts_.end(),
                                    [&](const auto& each) { return &each->loop() == &loop; });
    return found != parts_.end() ? *found : parts_.emplace_back(make());
  }

  /// Returns those that have members: the rest need not be visited.
  std::vector<std::shared_ptr<Part>> used() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::shared_ptr<Part>> used;
    std::copy_if(parts_.begin(), parts_.end(), std::back_inserter(used),
                 [](const auto& each) { return !each->is_empty(); });
    return used;
  }

  /// Returns how many members all parts have.
  std::size_t size() const noexcept {
    const std::scoped_lock lock(mutex_);
    std::size_t size = 0;
    for (const auto& each : parts_) size += each->size();
    return size;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Part>> parts_;
};

}  // namespace saker::fanout
