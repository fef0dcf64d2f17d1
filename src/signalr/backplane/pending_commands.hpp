#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include <saker/async/completion_source.hpp>
#include <saker/async/event_loop.hpp>

#include "async/deadline.hpp"

namespace saker::signalr::backplane {

/// What has become of a group's change that another server was asked for.
struct command_end {
  bool acknowledged = false;
  std::string error = {};
};

/// Changes of groups that other servers were asked for and have not acknowledged.
///
/// Owner: the hub's manager. Any thread; those that are late are given up on the loop.
class pending_commands {
 public:
  /// At most that many, some 16 MiB; further ones end at once.
  static constexpr std::size_t most = 16'384;

  pending_commands(event_loop& loop, std::chrono::milliseconds timeout) noexcept
      : loop_(loop),
        timeout_(timeout),
        limit_([](void* self) { static_cast<pending_commands*>(self)->watch(); }, this) {}
  pending_commands(const pending_commands&) = delete;
  pending_commands& operator=(const pending_commands&) = delete;

  /// Returns the id of a new one, which the source belongs to; 0: too many wait.
  std::int32_t begin(completion_source<command_end> ended);
  /// Does nothing when it has ended already.
  void end(std::int32_t id, const command_end& how);
  /// Returns whether a time limit runs. On the loop.
  bool is_watching() const noexcept { return limit_.is_set(); }

 private:
  struct command {
    std::int32_t id;
    std::chrono::steady_clock::time_point deadline;
    completion_source<command_end> ended;
  };

  void watch();

  event_loop& loop_;
  const std::chrono::milliseconds timeout_;
  std::mutex mutex_;
  std::int32_t last_id_ = 0;
  std::list<command> commands_;  ///< The oldest is the first to be late.
  std::unordered_map<std::int32_t, std::list<command>::iterator> by_id_;
  async::deadline limit_;  ///< One for all that wait; none, for none.
};

}  // namespace saker::signalr::backplane
