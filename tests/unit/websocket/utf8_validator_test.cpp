#include "websocket/utf8_validator.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace saker::websockets {
namespace {

bool feed(utf8_validator& validator, std::string_view text) {
  return validator.feed(std::as_bytes(std::span(text)));
}

bool is_valid(std::string_view text) {
  utf8_validator validator;
  return feed(validator, text) && validator.is_complete();
}

std::string encode(unsigned code) {
  std::string text;
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) {
    text += static_cast<char>(0xC0U | code >> 6);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0U | code >> 12);
    text += static_cast<char>(0x80U | (code >> 6 & 0x3FU));
  } else {
    text += static_cast<char>(0xF0U | code >> 18);
    text += static_cast<char>(0x80U | (code >> 12 & 0x3FU));
    text += static_cast<char>(0x80U | (code >> 6 & 0x3FU));
  }
  return text + static_cast<char>(0x80U | (code & 0x3FU));
}

TEST(utf8_validator, takes_every_character_and_no_surrogate) {
  const std::string padding(40, 'a');  // Long enough for the bulk check.
  for (unsigned code = 0; code <= 0x10FFFF; ++code) {
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    ASSERT_EQ(is_valid(encode(code)), !surrogate) << std::hex << code;
    if (code % 97 == 0) {
      ASSERT_EQ(is_valid(padding + encode(code)), !surrogate) << std::hex << code;
    }
  }
  EXPECT_FALSE(is_valid(encode(0x110000)));
}

TEST(utf8_validator, refuses_overlong_forms_and_stray_bytes) {
  for (const std::string text : {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\x80",
                                 "\xfe", "\xff", "\xe2\x28\xa1", "\xf5\x80\x80\x80"}) {
    EXPECT_FALSE(is_valid(text));
    EXPECT_FALSE(is_valid(std::string(50, 'a') + text));
    EXPECT_FALSE(is_valid(text + std::string(50, 'a')));
  }
}

TEST(utf8_validator, knows_incomplete_text) {
  utf8_validator validator;
  EXPECT_TRUE(feed(validator, "\xf0\x9f\xa6"));
  EXPECT_FALSE(validator.is_complete());
  EXPECT_TRUE(feed(validator, "\x85"));
  EXPECT_TRUE(validator.is_complete());
}

TEST(utf8_validator, does_not_depend_on_where_the_text_is_cut) {
  std::mt19937 random(1);
  const std::string characters[] = {"a",    "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\xa6\x85",
                                    "\xff", "\xe2"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (unsigned i = 0; i < 60; ++i) {
      // Mostly valid, so that faults come late in the text.
      const auto pick = random() % 200;
      text += characters[pick < 198 ? pick % 4 : pick - 194];
    }
    const bool expected = is_valid(text);
    utf8_validator validator;
    bool valid = true;
    for (std::size_t at = 0; valid && at < text.size();) {
      const auto size = 1 + random() % 50;
      valid = feed(validator, std::string_view(text).substr(at, size));
      at += size;
    }
    ASSERT_EQ(valid && validator.is_complete(), expected) << round;
  }
}

}  // namespace
}  // namespace saker::websockets
