#include "redis/publications.hpp"

#include "redis/resp.hpp"

namespace saker::redis {

publication publications::make(std::string channel, std::string_view payload,
                               publish_listener listener) const {
  publication made;
  made.command = command({settings_.sharded ? "SPUBLISH" : "PUBLISH", channel, payload});
  made.channel = std::move(channel);
  made.listener = std::move(listener);
  made.deadline = std::chrono::steady_clock::now() + settings_.publish_timeout;
  return made;
}

bool publications::admit(publication& what) {
  const auto size = what.cost();
  if (counters_.pending_bytes.fetch_add(size) + size <= settings_.publish_buffer_size) return true;
  settle(what, {0, "Too much waits to be published; Redis is too slow, or away."});
  return false;
}

void publications::settle(publication& what, const publish_result& result) {
  ++(result.error.empty() ? counters_.published : counters_.publishes_failed);
  counters_.pending_bytes -= what.cost();
  if (what.listener) what.listener(result);
}

void publications::settle_all(std::vector<publication> what, const std::string& error) {
  for (auto& each : what) settle(each, {0, error});
}

void publications::take_late(std::chrono::steady_clock::time_point now,
                             std::vector<publication>& to) {
  std::erase_if(homeless_, [&](auto& each) {
    if (each.deadline > now) return false;
    to.push_back(std::move(each));
    return true;
  });
}

}  // namespace saker::redis
