#include "http/exchange/request_target.hpp"

#include <gtest/gtest.h>

#include <string>

namespace saker::http {
namespace {

bool is_accepted(const std::string& target) {
  request_head head;
  return set_origin_path(head, target);
}

TEST(request_target, has_no_fragment) {
  for (const std::string target :
       {"/#", "/show#.png", "/show?a#b", "/a.txt#x", "/#/?q", "#", "/?#"}) {
    EXPECT_FALSE(is_accepted(target)) << target;
  }
}

TEST(request_target, takes_the_characters_that_clients_send) {
  // RFC 3986: pchar and query; the rest is what browsers leave as it is.
  const std::string in_both =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/[]{}|^`";
  for (int byte = 0; byte < 256; ++byte) {
    const auto c = static_cast<char>(byte);
    const bool expected = in_both.find(c) != std::string::npos;
    EXPECT_EQ(is_accepted(std::string("/a") + c + "b"), expected || c == '?') << byte;
    EXPECT_EQ(is_accepted(std::string("/a?b") + c + "c"),
              expected || c == '?' || c == '%' || c == '\\')
        << byte;
  }
}

TEST(request_target, is_taken_apart) {
  const std::string target = "/a%20b/../c?x=%zz&y=?";
  request_head head;
  ASSERT_TRUE(set_origin_path(head, target));
  EXPECT_EQ(head.path, "/a%20b/../c");
  EXPECT_EQ(head.query, "x=%zz&y=?");
  EXPECT_EQ(head.decoded_path, "/c");
}

TEST(request_target, has_whole_escapes_in_its_path) {
  for (const std::string target : {"/%", "/%2", "/%zz", "/%00", "/a%"}) {
    EXPECT_FALSE(is_accepted(target)) << target;
  }
}

}  // namespace
}  // namespace saker::http
