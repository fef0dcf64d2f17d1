#include "websocket/lifetime/memberships.hpp"

#include <utility>

#include "websocket/lifetime/group_bucket.hpp"

namespace saker::websockets {

void memberships::join(group_bucket& group, std::size_t place) {
  if (!groups_) groups_ = std::make_unique<decltype(groups_)::element_type>();
  groups_->emplace(&group, membership{group.shared_from_this(), place});
}

std::optional<std::size_t> memberships::place_in(const group_bucket& group) const noexcept {
  if (!groups_) return std::nullopt;
  const auto found = groups_->find(&group);
  if (found == groups_->end()) return std::nullopt;
  return found->second.place;
}

void memberships::move_in(const group_bucket& group, std::size_t place) noexcept {
  groups_->find(&group)->second.place = place;
}

void memberships::forget(const group_bucket& group) noexcept {
  groups_->erase(&group);
  if (groups_->empty()) groups_.reset();
}

void memberships::leave_all() noexcept {
  const auto left = std::move(groups_);
  if (!left) return;
  for (const auto& [bucket, each] : *left) each.group->leave(each.place);
}

/// One bucket of a loop gathers at a time.
void memberships::settle_gathering(event_loop& loop) {
  auto* const gathering = group_bucket::gathering_on(loop);
  if (!gathering) return;
  if (const auto place = place_in(*gathering)) gathering->settle(*place);
}

}  // namespace saker::websockets
