#include "http/message/range_header.hpp"

#include <string>

#include <gtest/gtest.h>

namespace saker::http {
namespace {

using outcome = requested_ranges::outcome;
using ranges = std::vector<byte_range>;

struct range_case {
  std::string field;
  std::uint64_t size;
  outcome result;
  ranges expected;
};

class range_table : public testing::TestWithParam<range_case> {};

TEST_P(range_table, is_understood) {
  auto parsed = parse_range(GetParam().field, GetParam().size);
  EXPECT_EQ(parsed.result, GetParam().result) << GetParam().field;
  EXPECT_EQ(parsed.ranges, GetParam().expected) << GetParam().field;
}

INSTANTIATE_TEST_SUITE_P(
    partial, range_table,
    testing::Values(range_case{"bytes=0-499", 10000, outcome::partial, {{0, 499}}},
                    range_case{"bytes=500-", 10000, outcome::partial, {{500, 9999}}},
                    range_case{"bytes=-500", 10000, outcome::partial, {{9500, 9999}}},
                    range_case{"bytes=9999-9999", 10000, outcome::partial, {{9999, 9999}}},
                    range_case{"bytes=0-0,-1", 10000, outcome::partial, {{0, 0}, {9999, 9999}}},
                    range_case{"BYTES = 0-1 , 4-5", 10, outcome::partial, {{0, 1}, {4, 5}}},
                    range_case{"bytes=,,0-1,", 10, outcome::partial, {{0, 1}}},
                    range_case{"bytes=5-99999", 10, outcome::partial, {{5, 9}}},
                    range_case{"bytes=-99999", 10, outcome::partial, {{0, 9}}},
                    range_case{"bytes=4-5,0-1", 10, outcome::partial, {{4, 5}, {0, 1}}},
                    range_case{"bytes=0-1,50-60", 10, outcome::partial, {{0, 1}}},
                    range_case{"bytes=0-5,3-6", 100, outcome::partial, {{0, 5}, {3, 6}}},
                    range_case{"bytes=2-99999999999999999999999", 10, outcome::partial, {{2, 9}}}));

INSTANTIATE_TEST_SUITE_P(
    unsatisfiable, range_table,
    testing::Values(range_case{"bytes=10-", 10, outcome::unsatisfiable, {}},
                    range_case{"bytes=10-20,30-40", 10, outcome::unsatisfiable, {}},
                    range_case{"bytes=-0", 10, outcome::unsatisfiable, {}},
                    range_case{"bytes=0-", 0, outcome::unsatisfiable, {}},
                    range_case{"bytes=-5", 0, outcome::unsatisfiable, {}},
                    range_case{"bytes=99999999999999999999-", 10, outcome::unsatisfiable, {}}));

INSTANTIATE_TEST_SUITE_P(ignored, range_table,
                         testing::Values(range_case{"", 10, outcome::whole, {}},
                                         range_case{"bytes", 10, outcome::whole, {}},
                                         range_case{"bytes=", 10, outcome::whole, {}},
                                         range_case{"bytes=,", 10, outcome::whole, {}},
                                         range_case{"items=0-1", 10, outcome::whole, {}},
                                         range_case{"bytes=5", 10, outcome::whole, {}},
                                         range_case{"bytes=-", 10, outcome::whole, {}},
                                         range_case{"bytes=5-4", 10, outcome::whole, {}},
                                         range_case{"bytes=a-b", 10, outcome::whole, {}},
                                         range_case{"bytes=0-1x", 10, outcome::whole, {}},
                                         range_case{"bytes=+1-2", 10, outcome::whole, {}},
                                         range_case{"bytes=--5", 10, outcome::whole, {}},
                                         range_case{"bytes=0 - 1", 10, outcome::whole, {}},
                                         range_case{"bytes=0x0-1", 10, outcome::whole, {}},
                                         range_case{"bytes=0-1,oops", 10, outcome::whole, {}},
                                         range_case{"bytes=0-,0-", 10, outcome::whole, {}},
                                         range_case{"bytes=0-8,1-9", 10, outcome::whole, {}}));

std::string many_ranges(std::size_t count) {
  std::string field = "bytes=";
  for (std::size_t i = 0; i < count; ++i) {
    auto byte = std::to_string(i * 2);
    field.append(byte).append("-").append(byte).append(",");
  }
  return field;
}

TEST(range_header, takes_only_so_many_ranges) {
  EXPECT_EQ(parse_range(many_ranges(max_byte_ranges), 1000).ranges.size(), max_byte_ranges);
  EXPECT_EQ(parse_range(many_ranges(max_byte_ranges + 1), 1000).result, outcome::whole);
}

TEST(range_header, sizes_do_not_overflow) {
  auto huge = ~std::uint64_t{0};
  EXPECT_EQ(parse_range("bytes=0-,0-,0-", huge).result, outcome::whole);
  EXPECT_EQ(parse_range("bytes=1-", huge).ranges, (ranges{{1, huge - 1}}));
}

}  // namespace
}  // namespace saker::http
