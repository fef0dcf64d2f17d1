#include <saker/http/message/url.hpp>

#include <gtest/gtest.h>

namespace saker {
namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

TEST(parse_query, gives_the_pairs_in_their_order) {
  EXPECT_EQ(parse_query("b=2&a=1&b=3"), (pairs{{"b", "2"}, {"a", "1"}, {"b", "3"}}));
}

TEST(parse_query, decodes_blanks_and_escapes_in_names_and_values) {
  EXPECT_EQ(parse_query("a+b=c+d&%C3%A4=%2B%26"), (pairs{{"a b", "c d"}, {"\xc3\xa4", "+&"}}));
}

TEST(parse_query, takes_missing_values_and_empty_parts) {
  EXPECT_EQ(parse_query("a&b=&&=c&d=e=f&"), (pairs{{"a", ""}, {"b", ""}, {"", "c"}, {"d", "e=f"}}));
  EXPECT_TRUE(parse_query("").empty());
}

TEST(parse_query, leaves_malformed_escapes_as_they_stand) {
  EXPECT_EQ(parse_query("a=%&b=%1&c=%zz&d=100%"),
            (pairs{{"a", "%"}, {"b", "%1"}, {"c", "%zz"}, {"d", "100%"}}));
}

TEST(decode_path, decodes_all_but_slashes) {
  EXPECT_EQ(decode_path("/a%20b/%C3%A4+"), "/a b/\xc3\xa4+");
  EXPECT_EQ(decode_path("/a%2Fb%2fc"), "/a%2Fb%2fc");
  EXPECT_EQ(decode_path("/%2e%2E/x"), "/../x");
}

TEST(decode_path, decodes_only_once) { EXPECT_EQ(decode_path("/%252e"), "/%2e"); }

TEST(decode_path, refuses_malformed_escapes_and_nul) {
  for (std::string_view path : {"/%", "/%2", "/%zz", "/%2g", "/%00", "/a%00b"}) {
    EXPECT_EQ(decode_path(path), std::nullopt) << path;
  }
}

class dot_segments : public testing::TestWithParam<std::pair<std::string_view, std::string_view>> {
};

TEST_P(dot_segments, are_removed) {
  EXPECT_EQ(remove_dot_segments(GetParam().first), GetParam().second);
}

using path_case = std::pair<std::string_view, std::string_view>;
INSTANTIATE_TEST_SUITE_P(
    url, dot_segments,
    testing::Values(path_case{"/a/b/c/./../../g", "/a/g"}, path_case{"mid/content=5/../6", "mid/6"},
                    path_case{"/", "/"}, path_case{"", ""}, path_case{"/..", "/"},
                    path_case{"/../../etc/passwd", "/etc/passwd"}, path_case{"/a/..", "/"},
                    path_case{"/a/../..", "/"}, path_case{"/a/.", "/a/"}, path_case{"/./a", "/a"},
                    path_case{"/.hidden/..x", "/.hidden/..x"}, path_case{"/...", "/..."},
                    path_case{"../a", "a"}, path_case{"./a", "a"}, path_case{"/a//../b", "/a/b"},
                    path_case{"..", ""}));

TEST(percent_encode, leaves_only_unreserved_characters) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b/\xff%"), "a%20b%2F%FF%25");
}

TEST(percent_decode, is_the_way_back) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_decode("a+b%2"), "a+b%2");
}

}  // namespace
}  // namespace saker
