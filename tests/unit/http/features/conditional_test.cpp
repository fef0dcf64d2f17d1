#include "http/features/conditional.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace saker::http {
namespace {

constexpr std::string_view same_time = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view earlier = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view later = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr std::time_t modified = 784111777;
constexpr validators current{"\"v1\"", modified, modified + 1};

using fields = std::vector<std::pair<std::string_view, std::string_view>>;

headers make(const fields& all) {
  headers result;
  for (const auto& [name, value] : all) result.add(name, value);
  return result;
}

struct condition_case {
  fields given;
  precondition expected;
};

class condition_table : public testing::TestWithParam<condition_case> {};

TEST_P(condition_table, is_evaluated) {
  EXPECT_EQ(evaluate_preconditions(make(GetParam().given), current), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    single, condition_table,
    testing::Values(condition_case{{}, precondition::proceed},
                    condition_case{{{"If-Match", "\"v1\""}}, precondition::proceed},
                    condition_case{{{"If-Match", "\"v0\", \"v1\""}}, precondition::proceed},
                    condition_case{{{"If-Match", "*"}}, precondition::proceed},
                    condition_case{{{"If-Match", "\"v0\""}}, precondition::failed},
                    condition_case{{{"If-Match", "W/\"v1\""}}, precondition::failed},
                    condition_case{{{"If-Match", ""}}, precondition::failed},
                    condition_case{{{"If-Match", "v1"}}, precondition::failed},
                    condition_case{{{"If-None-Match", "\"v1\""}}, precondition::not_modified},
                    condition_case{{{"If-None-Match", "W/\"v1\""}}, precondition::not_modified},
                    condition_case{{{"If-None-Match", "*"}}, precondition::not_modified},
                    condition_case{{{"If-None-Match", "\"v0\""}, {"If-None-Match", "\"v1\""}},
                                   precondition::not_modified},
                    condition_case{{{"If-None-Match", "\"v0\""}}, precondition::proceed},
                    condition_case{{{"If-Modified-Since", same_time}}, precondition::not_modified},
                    condition_case{{{"If-Modified-Since", later}}, precondition::not_modified},
                    condition_case{{{"If-Modified-Since", earlier}}, precondition::proceed},
                    condition_case{{{"If-Modified-Since", "yesterday"}}, precondition::proceed},
                    condition_case{{{"If-Unmodified-Since", same_time}}, precondition::proceed},
                    condition_case{{{"If-Unmodified-Since", earlier}}, precondition::failed},
                    condition_case{{{"If-Unmodified-Since", "yesterday"}}, precondition::proceed}));

INSTANTIATE_TEST_SUITE_P(
    precedence, condition_table,
    testing::Values(condition_case{{{"If-Match", "\"v1\""}, {"If-Unmodified-Since", earlier}},
                                   precondition::proceed},
                    condition_case{{{"If-Match", "\"v1\""}, {"If-None-Match", "\"v1\""}},
                                   precondition::not_modified},
                    condition_case{{{"If-Match", "\"v0\""}, {"If-None-Match", "\"v1\""}},
                                   precondition::failed},
                    condition_case{{{"If-None-Match", "\"v0\""}, {"If-Modified-Since", later}},
                                   precondition::proceed},
                    condition_case{{{"If-Unmodified-Since", earlier}, {"If-Modified-Since", later}},
                                   precondition::failed}));

INSTANTIATE_TEST_SUITE_P(
    entity_tag_lists, condition_table,
    testing::Values(
        // A backslash and a comma are ordinary characters of a tag (RFC 9110, section 8.8.3).
        condition_case{{{"If-None-Match", R"("x\", "v1")"}}, precondition::not_modified},
        condition_case{{{"If-Match", R"("x\", "v1")"}}, precondition::proceed},
        condition_case{{{"If-None-Match", R"("a,b","v1")"}}, precondition::not_modified},
        condition_case{{{"If-None-Match", R"("a,", "v1", ",b")"}}, precondition::not_modified},
        condition_case{{{"If-None-Match", "\"\xc3\xa9\", \"v1\""}}, precondition::not_modified},
        condition_case{{{"If-None-Match", R"("", "v1")"}}, precondition::not_modified},
        condition_case{{{"If-None-Match", ",, \"v0\" ,\t, W/\"v1\" ,"}},
                       precondition::not_modified},
        condition_case{{{"If-Match", R"(W/"v1", "v1")"}}, precondition::proceed},
        // What is no tag is passed over, and hides nothing.
        condition_case{{{"If-None-Match", R"(v0, "v1")"}}, precondition::not_modified},
        condition_case{{{"If-None-Match", R"("v1" "v0")"}}, precondition::proceed},
        condition_case{{{"If-None-Match", R"("v 1", "v1")"}}, precondition::not_modified},
        condition_case{{{"If-None-Match", R"("v1)"}}, precondition::proceed},
        condition_case{{{"If-None-Match", R"("v0, "v1")"}}, precondition::not_modified},
        condition_case{{{"If-None-Match", R"(w/"v1")"}}, precondition::proceed},
        condition_case{{{"If-None-Match", R"(W/v1)"}}, precondition::proceed},
        condition_case{{{"If-None-Match", R"(W/)"}}, precondition::proceed},
        condition_case{{{"If-Match", R"("v1"x)"}}, precondition::failed},
        // `*` stands alone.
        condition_case{{{"If-None-Match", " * "}}, precondition::not_modified},
        condition_case{{{"If-None-Match", R"("v0", *)"}}, precondition::proceed},
        condition_case{{{"If-Match", R"("v0", *)"}}, precondition::failed},
        condition_case{{{"If-Match", "*"}, {"If-Match", "\"v0\""}}, precondition::failed}));

INSTANTIATE_TEST_SUITE_P(
    dates_that_are_ignored, condition_table,
    testing::Values(
        condition_case{{{"If-Modified-Since", later}, {"If-Modified-Since", later}},
                       precondition::proceed},
        condition_case{{{"If-Modified-Since", same_time}, {"If-Modified-Since", earlier}},
                       precondition::proceed},
        condition_case{{{"If-Modified-Since",
                         "Sun, 06 Nov 1994 08:49:37 GMT, "
                         "Sun, 06 Nov 1994 08:49:37 GMT"}},
                       precondition::proceed},
        condition_case{{{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 UTC"}},
                       precondition::proceed},
        condition_case{{{"If-Modified-Since", "784111777"}}, precondition::proceed},
        condition_case{{{"If-Unmodified-Since", earlier}, {"If-Unmodified-Since", earlier}},
                       precondition::proceed},
        condition_case{{{"If-Unmodified-Since",
                         "Sun, 06 Nov 1994 08:49:36 GMT, "
                         "Sun, 06 Nov 1994 08:49:36 GMT"}},
                       precondition::proceed},
        // A field of tags beside it takes its place, even one that says nothing.
        condition_case{{{"If-None-Match", ""}, {"If-Modified-Since", later}},
                       precondition::proceed},
        condition_case{{{"If-Match", "*"}, {"If-Unmodified-Since", earlier}},
                       precondition::proceed}));

class if_range_table : public testing::TestWithParam<std::pair<std::string_view, bool>> {};

TEST_P(if_range_table, is_evaluated) {
  EXPECT_EQ(is_range_current(make({{"If-Range", GetParam().first}}), current), GetParam().second);
}

using if_range_case = std::pair<std::string_view, bool>;
INSTANTIATE_TEST_SUITE_P(conditional, if_range_table,
                         testing::Values(if_range_case{"\"v1\"", true},
                                         if_range_case{"\"v0\"", false},
                                         if_range_case{"W/\"v1\"", false},
                                         if_range_case{same_time, true},
                                         if_range_case{later, false}, if_range_case{earlier, false},
                                         if_range_case{"", false}, if_range_case{"*", false},
                                         if_range_case{R"("v0", "v1")", false},
                                         if_range_case{"\"v1", false}, if_range_case{"v1\"", false},
                                         if_range_case{"Sun, 06 Nov 1994 08:49:37", false}));

TEST(conditional, a_date_is_no_strong_validator_within_its_second) {
  const auto asked = make({{"If-Range", same_time}});
  EXPECT_FALSE(is_range_current(asked, {"\"v1\"", modified, modified}));
  EXPECT_TRUE(is_range_current(asked, {"\"v1\"", modified, modified + 1}));
  EXPECT_TRUE(is_range_current(make({{"If-Range", "\"v1\""}}), {"\"v1\"", modified, modified}));
}

TEST(conditional, two_if_range_name_no_version) {
  EXPECT_FALSE(is_range_current(make({{"If-Range", "\"v1\""}, {"If-Range", "\"v1\""}}), current));
  EXPECT_FALSE(is_range_current(make({{"If-Range", same_time}, {"If-Range", same_time}}), current));
}

TEST(conditional, range_counts_without_if_range) {
  EXPECT_TRUE(is_range_current(headers(), current));
}

}  // namespace
}  // namespace saker::http
