// Lines about failures that clients can cause.

#include "signalr/failure_log.hpp"

#include <gtest/gtest.h>

namespace saker::signalr {
namespace {

using namespace std::chrono_literals;

TEST(failure_log, escapes_what_could_forge_lines) {
  EXPECT_EQ(in_one_line("plain text"), "plain text");
  EXPECT_EQ(in_one_line("a\r\nb\x1b[31m\x7f\xc2\x85"), "a\\x0d\\x0ab\\x1b[31m\\x7f\\xc2\\x85");
  EXPECT_EQ(in_one_line(std::string(5'000, 'x')), std::string(1'000, 'x') + "...");
}

TEST(failure_log, writes_one_line_a_second_and_counts_the_others) {
  failure_log log;
  const failure_log::clock::time_point now(1h);
  EXPECT_EQ(log.line("It failed: ", "a\nb", now), "It failed: a\\x0ab");
  for (int i = 0; i < 7; ++i) EXPECT_EQ(log.line("It failed: ", "again", now + 999ms), "");
  EXPECT_EQ(log.line("It failed: ", "later", now + 1s),
            "It failed: later (7 more since the last line.)");
  EXPECT_EQ(log.line("It failed: ", "alone", now + 2s), "It failed: alone");
}

}  // namespace
}  // namespace saker::signalr
