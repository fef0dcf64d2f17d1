#include "room.hpp"

#include <algorithm>
#include <chrono>

#include "json.hpp"

std::string room::join(saker::websocket& socket, const std::string& wanted_name) {
  const std::scoped_lock lock(mutex_);
  auto name = wanted_name;
  for (int number = 2; !names_.insert(name).second; ++number) {
    name = wanted_name + " (" + std::to_string(number) + ")";
  }
  std::string lines;
  for (const auto& line : history_) lines += (lines.empty() ? "" : ",") + line;
  socket.try_send("{\"type\":\"welcome\",\"name\":" + json_string(name) + "}");
  socket.try_send("{\"type\":\"history\",\"lines\":[" + lines + "]}");
  members_.add(socket);
  announce_members();
  return name;
}

void room::leave(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  names_.erase(name);
  announce_members();
}

void room::say(std::string_view name, std::string_view text) {
  const std::scoped_lock lock(mutex_);
  // Grows across restarts too, so that a page which comes back does not miss what is new.
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  last_id_ = std::max<std::int64_t>(last_id_ + 1, now.count());
  history_.push_back("{\"type\":\"line\",\"id\":" + std::to_string(last_id_) +
                     ",\"from\":" + json_string(name) + ",\"text\":" + json_string(text) + "}");
  if (history_.size() > most_lines) history_.pop_front();
  members_.broadcast(history_.back());
}

void room::announce_members() {
  std::string names;
  for (const auto& each : names_) names += (names.empty() ? "" : ",") + json_string(each);
  members_.broadcast("{\"type\":\"here\",\"names\":[" + names + "]}");
}

std::shared_ptr<room> room_directory::find_or_make(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  const auto found = rooms_.find(name);
  if (found != rooms_.end()) return found->second;
  if (rooms_.size() == most_rooms) return nullptr;
  return rooms_[name] = std::make_shared<room>();
}
