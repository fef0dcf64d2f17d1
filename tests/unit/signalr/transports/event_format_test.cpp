#include "signalr/transports/event_format.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace saker::signalr {
namespace {

std::string event(std::string_view text) {
  std::string out;
  append_event(out, std::as_bytes(std::span(text)));
  return out;
}

TEST(signalr_event_format, lets_no_text_begin_a_line_of_its_own) {
  EXPECT_EQ(event("one"), "data: one\r\n\r\n");
  EXPECT_EQ(event(""), "data: \r\n\r\n");
  const std::string two_lines = "data: one\r\ndata: data: two\r\n\r\n";
  EXPECT_EQ(event("one\ndata: two"), two_lines);
  EXPECT_EQ(event("one\r\ndata: two"), two_lines);
  EXPECT_EQ(event("one\rdata: two"), two_lines);
  EXPECT_EQ(event("\r\r"), "data: \r\ndata: \r\ndata: \r\n\r\n");
}

}  // namespace
}  // namespace saker::signalr
