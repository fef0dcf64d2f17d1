#include "redis/confirmation_waiters.hpp"

#include <utility>

namespace saker::redis {

void confirmation_waiters::take(std::vector<confirmation_source>& to) {
  for (auto& each : std::exchange(waiters_, {})) to.push_back(std::move(each.outcome));
}

void confirmation_waiters::take_patient(time_point deadline, std::vector<confirmation_source>& to) {
  waiters_.remove_if([&](auto& each) {
    if (each.insists) {
      if (!each.deadline) each.deadline = deadline;
      return false;
    }
    to.push_back(std::move(each.outcome));
    return true;
  });
}

std::size_t confirmation_waiters::take_late(time_point now, std::vector<confirmation_source>& to) {
  std::size_t insisting = 0;
  waiters_.remove_if([&](auto& each) {
    if (!each.deadline || *each.deadline > now) {
      insisting += each.insists ? 1 : 0;
      return false;
    }
    to.push_back(std::move(each.outcome));
    return true;
  });
  return insisting;
}

}  // namespace saker::redis
