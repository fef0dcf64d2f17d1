#include "redis/contact.hpp"

#include <utility>

#include "observe/log.hpp"

namespace saker::redis {

void contact::establish(const std::string& where) {
  state_ = state::there;
  counters_.connected = true;
  observe::log(observe::log_level::information,
               std::string(std::exchange(was_there_, true) ? "Redis is back at "
                                                           : "Connected to Redis at ") +
                   where + ".");
}

void contact::lose(const std::string& where, const std::string& why) {
  const auto before = std::exchange(state_, state::away);
  if (before == state::there) {
    counters_.connected = false;
    ++counters_.connections_lost;
  }
  if (before == state::away) return;
  observe::log(observe::log_level::warning,
               "Redis at " + where + " is away: " + why +
                   " Until it is back, clients of other servers cannot be reached.");
}

}  // namespace saker::redis
