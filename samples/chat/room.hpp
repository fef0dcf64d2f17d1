#pragma once

#include <saker/saker.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

/// Who is in a room, what was said last, and how all of them hear it. Any thread.
///
/// What members get is JSON: {"type":"history","lines":[...]} when they join, {"type":"here",
/// "names":[...]} when somebody comes or goes, and lines: {"type":"line","id":N,"from":"...",
/// "text":"..."}. A line may come twice, in the history and by itself: its id, which grows, tells.
class room {
 public:
  static constexpr std::size_t most_lines = 50;

  /// Gives the name that the member has here: another one when the wanted one is taken.
  std::string join(saker::websocket& socket, const std::string& wanted_name);
  void leave(const std::string& name);
  void say(std::string_view name, std::string_view text);

 private:
  void announce_members();

  std::mutex mutex_;
  saker::websocket_group members_;
  std::set<std::string> names_;
  std::deque<std::string> history_;
  std::int64_t last_id_ = 0;
};

/// The rooms by name, from when somebody enters one for the first time. Any thread.
class room_directory {
 public:
  /// Null: there are as many rooms as there may be.
  std::shared_ptr<room> find_or_make(const std::string& name);

 private:
  static constexpr std::size_t most_rooms = 1'000;

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<room>> rooms_;
};
