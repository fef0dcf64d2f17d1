#include <saker/http/message/cookies.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

namespace saker {
namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;
using namespace std::chrono_literals;

struct cookie_case {
  std::string_view field;
  pairs expected;
};

class parse_cookies_table : public testing::TestWithParam<cookie_case> {};

TEST_P(parse_cookies_table, gives_the_pairs) {
  EXPECT_EQ(parse_cookies(GetParam().field), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    cookies, parse_cookies_table,
    testing::Values(
        cookie_case{"a=1; b=2", {{"a", "1"}, {"b", "2"}}},
        cookie_case{"a=1;b=2;;", {{"a", "1"}, {"b", "2"}}},
        cookie_case{"a=\"quoted\"", {{"a", "quoted"}}}, cookie_case{"a=\"", {{"a", "\""}}},
        cookie_case{"a=%7Bx%7D%20+", {{"a", "{x} +"}}},
        cookie_case{"a=100%; b=%zz", {{"a", "100%"}, {"b", "%zz"}}},
        cookie_case{"a=x=y==", {{"a", "x=y=="}}}, cookie_case{"a=1; a=2", {{"a", "1"}, {"a", "2"}}},
        cookie_case{"empty=", {{"empty", ""}}},
        cookie_case{"nothing; =x; b c=1; ok=1", {{"ok", "1"}}},
        cookie_case{"a=\x01; b=1", {{"b", "1"}}},
        cookie_case{"a={\"x\":1,\"y\":2}", {{"a", "{\"x\":1,\"y\":2}"}}}, cookie_case{"", {}}));

TEST(format_set_cookie, writes_name_value_and_path_by_default) {
  EXPECT_EQ(format_set_cookie("id", "42", {}), "id=42; path=/");
}

TEST(format_set_cookie, writes_every_attribute) {
  cookie_options options;
  options.domain = "example.com";
  options.path = "/app";
  options.expires = std::chrono::system_clock::time_point(784111777s);
  options.max_age = 60s;
  options.secure = true;
  options.http_only = true;
  options.site = same_site::none;
  options.extensions = {"Partitioned"};
  EXPECT_EQ(format_set_cookie("id", "1", options),
            "id=1; expires=Sun, 06 Nov 1994 08:49:37 GMT; max-age=60; domain=example.com; "
            "path=/app; secure; samesite=none; httponly; Partitioned");
}

TEST(format_set_cookie, leaves_out_an_empty_path) {
  cookie_options options;
  options.path.clear();
  options.site = same_site::strict;
  EXPECT_EQ(format_set_cookie("id", "", options), "id=; samesite=strict");
}

TEST(format_set_cookie, encodes_what_must_be_encoded_and_comes_back) {
  std::string value = "a b;c,d\"e\\f%41\r\n\xc3\xa4=+/";
  auto text = format_set_cookie("id", value, {});
  EXPECT_EQ(text, "id=a%20b%3Bc%2Cd%22e%5Cf%2541%0D%0A%C3%A4=+/; path=/");
  EXPECT_EQ(parse_cookies(text.substr(0, text.find(';'))), (pairs{{"id", value}}));
}

TEST(format_set_cookie, refuses_a_name_that_is_no_token) {
  for (std::string_view name : {"", "a b", "a=b", "a;", "a\n"}) {
    EXPECT_THROW(format_set_cookie(name, "v", {}), std::invalid_argument) << name;
  }
}

TEST(format_set_cookie, refuses_attributes_that_could_inject_others) {
  for (std::string text : {"x; secure", "x\r\nY: 1", "x\x7f"}) {
    cookie_options domain, path, extension;
    domain.domain = path.path = text;
    extension.extensions = {text};
    EXPECT_THROW(format_set_cookie("a", "v", domain), std::invalid_argument);
    EXPECT_THROW(format_set_cookie("a", "v", path), std::invalid_argument);
    EXPECT_THROW(format_set_cookie("a", "v", extension), std::invalid_argument);
  }
}

TEST(format_set_cookie, refuses_same_site_none_without_secure) {
  cookie_options options;
  options.site = same_site::none;
  EXPECT_THROW(format_set_cookie("a", "v", options), std::invalid_argument);
}

}  // namespace
}  // namespace saker
