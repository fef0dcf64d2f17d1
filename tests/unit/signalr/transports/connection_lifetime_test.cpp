#include "signalr/transports/connection_lifetime.hpp"

#include <gtest/gtest.h>

namespace saker::signalr {
namespace {

TEST(signalr_connection_lifetime, waits_for_the_application_that_runs) {
  connection_lifetime life;
  EXPECT_TRUE(life.start_application());
  EXPECT_FALSE(life.start_application());
  EXPECT_TRUE(life.end());
  EXPECT_FALSE(life.end());
  EXPECT_FALSE(life.is_application_over());
  life.end_application();
  EXPECT_TRUE(life.is_application_over());
  EXPECT_TRUE(life.has_started());
}

TEST(signalr_connection_lifetime, waits_for_no_application_that_was_not_started_before_the_end) {
  connection_lifetime life;
  EXPECT_FALSE(life.is_application_over());
  life.end();
  EXPECT_TRUE(life.is_application_over());
  EXPECT_FALSE(life.has_started());
}

TEST(signalr_connection_lifetime, is_open_to_polls_until_one_was_told_of_the_end) {
  connection_lifetime life;
  EXPECT_TRUE(life.is_open());
  life.note_told();
  EXPECT_FALSE(life.is_open());
  EXPECT_FALSE(life.has_ended());
  EXPECT_TRUE(life.end());
  life.note_told();
  EXPECT_TRUE(life.has_ended());
  life.dispose();
  EXPECT_TRUE(life.has_ended());
  EXPECT_TRUE(life.is_disposed());
}

TEST(signalr_connection_lifetime, tells_who_asks) {
  connection_lifetime life;
  const auto closed = life.closed();
  EXPECT_FALSE(closed.stop_requested());
  life.signal_closed();
  EXPECT_TRUE(closed.stop_requested());
  EXPECT_EQ(life.how(), connection_end::normal_closure);
  life.expire();
  EXPECT_EQ(life.how(), connection_end::timeout);
}

}  // namespace
}  // namespace saker::signalr
