#include "signalr/transports/transport_slot.hpp"

#include <gtest/gtest.h>

namespace saker::signalr {
namespace {

using namespace std::chrono_literals;

TEST(signalr_transport_slot, is_carried_until_it_is_released) {
  transport_slot slot(false);
  EXPECT_TRUE(slot.is_free());
  EXPECT_EQ(slot.transport(), transport_type::none);
  slot.carry(transport_type::long_polling);
  EXPECT_TRUE(slot.is_carried());
  EXPECT_FALSE(slot.is_claimed());
  slot.release();
  EXPECT_TRUE(slot.is_free());
  EXPECT_EQ(slot.transport(), transport_type::long_polling);
}

TEST(signalr_transport_slot, is_not_free_between_who_lets_go_and_who_has_claimed_it) {
  transport_slot slot(true);
  slot.carry(transport_type::websockets);
  slot.claim();
  EXPECT_TRUE(slot.is_carried());
  EXPECT_TRUE(slot.is_claimed());
  slot.release();
  EXPECT_FALSE(slot.is_carried());
  EXPECT_TRUE(slot.is_claimed());
  EXPECT_FALSE(slot.is_free_for(0ms, 1));
  slot.carry(transport_type::websockets);
  EXPECT_TRUE(slot.is_carried());
  EXPECT_FALSE(slot.is_claimed());
}

TEST(signalr_transport_slot, is_free_when_who_has_claimed_it_does_not_come) {
  transport_slot slot(true);
  slot.give_up_claim();
  EXPECT_TRUE(slot.is_free());
  slot.carry(transport_type::websockets);
  slot.claim();
  slot.release();
  slot.give_up_claim();
  EXPECT_TRUE(slot.is_free());
}

TEST(signalr_transport_slot, counts_the_time_without_a_transport) {
  transport_slot slot(false);
  slot.begin_waiting(7);
  EXPECT_FALSE(slot.is_free_for(10 * async::deadline_wheel::tick, 16));
  EXPECT_TRUE(slot.is_free_for(10 * async::deadline_wheel::tick, 17));
  slot.carry(transport_type::websockets);
  EXPECT_FALSE(slot.is_free_for(10 * async::deadline_wheel::tick, 17));
}

TEST(signalr_transport_slot, knows_whether_a_reconnect_was_agreed_on) {
  transport_slot without(false);
  without.disable_reconnect();
  EXPECT_FALSE(without.allows_reconnect());
  EXPECT_FALSE(without.was_reconnect_agreed());
  transport_slot with(true);
  EXPECT_TRUE(with.allows_reconnect());
  with.disable_reconnect();
  EXPECT_FALSE(with.allows_reconnect());
  EXPECT_TRUE(with.was_reconnect_agreed());
}

}  // namespace
}  // namespace saker::signalr
