#include "http/message/http_date.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace saker::http {
namespace {

constexpr std::time_t example = 784111777;

TEST(http_date, formats_an_imf_fixdate) {
  EXPECT_EQ(format_http_date(example), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(std::time_t{0}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_http_date(std::time_t{-1}), "Wed, 31 Dec 1969 23:59:59 GMT");
  EXPECT_EQ(format_http_date(std::time_t{951782400}), "Tue, 29 Feb 2000 00:00:00 GMT");
}

TEST(http_date, formats_a_time_point_without_its_fraction) {
  auto point = std::chrono::system_clock::from_time_t(example) + std::chrono::milliseconds(999);
  EXPECT_EQ(format_http_date(point), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(http_date, clamps_what_cannot_be_written) {
  EXPECT_EQ(format_http_date(std::numeric_limits<std::time_t>::max()),
            "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(format_http_date(std::numeric_limits<std::time_t>::min()),
            "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST(http_date, reads_all_three_formats) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), example);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), example);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), example);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994"), example + 10 * 86400);
}

TEST(http_date, reads_what_it_writes) {
  for (std::time_t time : {-62135596800LL, 0LL, 68169599LL, 1709210096LL, 253402300799LL}) {
    EXPECT_EQ(parse_http_date(format_http_date(time)), time);
  }
}

TEST(http_date, takes_a_two_digit_year_for_the_nearest_past) {
  EXPECT_EQ(parse_http_date("Saturday, 01-Jan-00 00:00:00 GMT"), 946684800);
  EXPECT_EQ(parse_http_date("Friday, 31-Dec-99 23:59:59 GMT"), 946684799);
}

TEST(http_date, refuses_malformed_dates) {
  for (std::string_view text :
       {"", "0", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace saker::http
