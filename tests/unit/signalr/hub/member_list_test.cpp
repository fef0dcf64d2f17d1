// Joining and leaving, counted.

#include "signalr/hub/member_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace saker::signalr {
namespace {

std::size_t touched = 0;

/// A place that counts whoever looks at it or changes it.
class counting_place {
 public:
  counting_place& operator=(std::size_t place) {
    ++touched;
    place_ = place;
    return *this;
  }
  operator std::size_t() const {  // NOLINT: it stands for a number.
    ++touched;
    return place_;
  }

 private:
  std::size_t place_ = 0;
};

struct counting_membership {
  using member_type = int;
  std::shared_ptr<int> member;
  counting_place place;
};

/// How many steps it takes that many members to come and to go in any order.
std::size_t steps_of(std::size_t count) {
  touched = 0;
  member_list<counting_membership> list;
  std::vector<std::shared_ptr<counting_membership>> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(std::make_shared<counting_membership>());
    all.back()->member = std::make_shared<int>(static_cast<int>(i));
    list.add(all.back());
  }
  std::shuffle(all.begin(), all.end(), std::minstd_rand(7));
  while (!all.empty()) {
    const auto gone = std::move(all.back());
    all.pop_back();
    list.remove(*gone);
    EXPECT_EQ(list.size(), all.size());
  }
  return touched;
}

TEST(member_list, takes_as_many_steps_for_a_member_in_a_thousand_as_in_ten) {
  EXPECT_LE(steps_of(10), 30U);
  EXPECT_LE(steps_of(1'000), 3'000U);
  EXPECT_LE(steps_of(10'000), 30'000U);
}

TEST(member_list, has_those_who_have_not_left) {
  member_list<counting_membership> list;
  std::vector<std::shared_ptr<counting_membership>> all;
  for (int i = 0; i < 5; ++i) {
    all.push_back(std::make_shared<counting_membership>());
    all.back()->member = std::make_shared<int>(i);
    list.add(all.back());
  }
  list.remove(*all[1]);
  list.remove(*all[4]);
  list.remove(*all[0]);
  std::vector<int> left;
  for (std::size_t i = 0; i < list.size(); ++i) left.push_back(list[i]);
  std::sort(left.begin(), left.end());
  EXPECT_EQ(left, (std::vector<int>{2, 3}));
}

}  // namespace
}  // namespace saker::signalr
