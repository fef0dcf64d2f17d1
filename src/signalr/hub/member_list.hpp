#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace saker::signalr {

/// Memberships that know their places: adding and removing one touches at most one other, however
/// many there are, and however many other lists the member is in.
template <class Membership>
class member_list {
 public:
  using member = typename Membership::member_type;

  void add(std::shared_ptr<Membership> one) {
    one->place = members_.size();
    members_.push_back(one->member.get());
    memberships_.push_back(std::move(one));
  }

  void remove(const Membership& one) {
    const std::size_t place = one.place;
    if (place + 1 != members_.size()) {
      members_[place] = members_.back();
      std::swap(memberships_[place], memberships_.back());
      memberships_[place]->place = place;
    }
    members_.pop_back();
    memberships_.pop_back();
  }

  std::size_t size() const noexcept { return members_.size(); }
  member& operator[](std::size_t place) const noexcept { return *members_[place]; }

 private:
  std::vector<member*> members_;  ///< Beside the next, for the way through thousands.
  std::vector<std::shared_ptr<Membership>> memberships_;
};

}  // namespace saker::signalr
