#include "observe/log.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace saker::observe {
namespace {

using namespace std::chrono_literals;

TEST(log, shows_text_as_it_is) {
  EXPECT_EQ(log_text(""), "");
  EXPECT_EQ(log_text("GET /a b?c=%20 \"quoted\" {0}"), "GET /a b?c=%20 \"quoted\" {0}");
  EXPECT_EQ(log_text("h\u00e9 \u65e5\u672c \U0001f600"), "h\u00e9 \u65e5\u672c \U0001f600");
}

TEST(log, escapes_what_forges_lines_or_commands_terminals) {
  EXPECT_EQ(log_text("a\nb\r\nc\td"), "a\\nb\\r\\nc\\td");
  EXPECT_EQ(log_text("\x1b[31m\x7f"), "\\x1b[31m\\x7f");
  EXPECT_EQ(log_text(std::string_view("\0x", 2)), "\\x00x");
  EXPECT_EQ(log_text("\u009b31m\u0085"), "\\xc2\\x9b31m\\xc2\\x85") << "C1 controls";
  EXPECT_EQ(log_text("a\u2028b\u2029c"), "a\\xe2\\x80\\xa8b\\xe2\\x80\\xa9c");
  EXPECT_EQ(log_text("\u202eevil\u2066"), "\\xe2\\x80\\xaeevil\\xe2\\x81\\xa6");
  EXPECT_EQ(log_text("typed \\n"), "typed \\\\n") << "an escape cannot be forged either";
}

TEST(log, escapes_what_is_no_utf8) {
  EXPECT_EQ(log_text("\x9b\x80z"), "\\x9b\\x80z") << "C1 in Latin-1";
  EXPECT_EQ(log_text("\xc3"), "\\xc3");
  EXPECT_EQ(log_text("\xc3z"), "\\xc3z");
  EXPECT_EQ(log_text("\xe2\x80"), "\\xe2\\x80");
  EXPECT_EQ(log_text("\xc0\x8a"), "\\xc0\\x8a") << "a newline, too long";
  EXPECT_EQ(log_text("\xe0\x82\x8a"), "\\xe0\\x82\\x8a");
  EXPECT_EQ(log_text("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(log_text("\xf4\x90\x80\x80\xff"), "\\xf4\\x90\\x80\\x80\\xff");
}

TEST(log, escapes_every_byte_of_ascii_that_is_no_text) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    const auto shown = log_text(one);
    const bool is_text = byte >= 0x20 && byte < 0x7f && byte != '\\';
    EXPECT_EQ(shown == one, is_text) << byte;
    for (const char each : shown) EXPECT_TRUE(each >= 0x20 && each < 0x7f) << byte;
  }
}

TEST(log, cuts_long_texts_off) {
  const std::string exact(longest_log_text, 'a');
  EXPECT_EQ(log_text(exact), exact);
  const auto shown = log_text(std::string(100'000, '\n'));
  EXPECT_LT(shown.size(), longest_log_text + 100);
  EXPECT_TRUE(shown.ends_with(" more bytes)")) << shown.substr(shown.size() - 40);
}

TEST(log, writes_one_line_whatever_the_text_is) {
  ::testing::internal::CaptureStdout();
  log(log_level::error, "first {} %s\n2026-01-01 00:00:00.000 error second\x1b[2J");
  const auto written = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1) << written;
  EXPECT_EQ(written.find('\x1b'), std::string::npos);
  EXPECT_NE(written.find("first {} %s\\n2026"), std::string::npos) << written;
}

TEST(log, tells_a_kind_once_a_second) {
  rare_log_line kind;
  const auto begin = rare_log_line::clock::now();
  EXPECT_EQ(kind.due("full", begin), "full");
  EXPECT_EQ(kind.due("full", begin), "");
  EXPECT_EQ(kind.due("full", begin + 999ms), "");
  EXPECT_EQ(kind.due("full", begin + 1s), "full (and 2 more like it)");
  EXPECT_EQ(kind.due("full", begin + 1s), "");
  EXPECT_EQ(kind.due("full", begin + 1h), "full (and 1 more like it)");
  EXPECT_EQ(kind.due("full", begin + 2h), "full");
}

}  // namespace
}  // namespace saker::observe
