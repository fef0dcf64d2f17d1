#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>

namespace saker {
class event_loop;
}

namespace saker::websockets {

class group_bucket;

/// The groups that a socket is in, and its place in each. None cost one pointer.
///
/// Owner: the connection. Thread rule: the loop's thread.
class memberships {
 public:
  memberships() = default;
  ~memberships() { leave_all(); }
  memberships(const memberships&) = delete;
  memberships& operator=(const memberships&) = delete;

  bool empty() const noexcept { return groups_ == nullptr; }
  void join(group_bucket& group, std::size_t place);
  std::optional<std::size_t> place_in(const group_bucket& group) const noexcept;
  void move_in(const group_bucket& group, std::size_t place) noexcept;
  void forget(const group_bucket& group) noexcept;
  void leave_all() noexcept;
  /// What was broadcast on the loop comes before what the socket sends now.
  void settle(event_loop& loop) {
    if (groups_) settle_gathering(loop);
  }

 private:
  struct membership {
    std::shared_ptr<group_bucket> group;
    std::size_t place;
  };

  void settle_gathering(event_loop& loop);

  std::unique_ptr<std::unordered_map<const group_bucket*, membership>> groups_;
};

}  // namespace saker::websockets
