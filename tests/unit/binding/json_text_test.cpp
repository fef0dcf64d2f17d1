#include "binding/json_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace saker::binding {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(json_text, quotes_plain_text) {
  EXPECT_EQ(quoted(""), "\"\"");
  EXPECT_EQ(quoted("plain"), "\"plain\"");
  EXPECT_EQ(quoted("h\xc3\xa9 \xf0\x9f\x90\xa6"), "\"h\xc3\xa9 \xf0\x9f\x90\xa6\"");
}

TEST(json_text, escapes_what_must_be) {
  EXPECT_EQ(quoted("a\"b\\c/"), R"("a\"b\\c/")");
  EXPECT_EQ(quoted("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(quoted(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(quoted("\xc3\xa9\n"), "\"\xc3\xa9\\n\"");
}

TEST(json_text, replaces_what_is_no_utf8) {
  const std::string instead = "\xef\xbf\xbd";
  EXPECT_EQ(quoted("a\xff"), "\"a" + instead + "\"");
  EXPECT_EQ(quoted("\xe2\x82"), "\"" + instead + "\"");
  EXPECT_EQ(quoted("\xe2\x82\"x"), "\"" + instead + "\\\"x\"");
  EXPECT_EQ(quoted("\x80\xc3\xa9"), "\"" + instead + "\xc3\xa9\"");
  EXPECT_EQ(quoted("\xc0\xaf"), "\"" + instead + instead + "\"");
}

}  // namespace
}  // namespace saker::binding
