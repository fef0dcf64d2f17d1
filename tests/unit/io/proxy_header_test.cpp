#include "io/proxy_header.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace saker::io {
namespace {

using namespace std::string_literals;
using state = proxy_header::state;

proxy_header read(std::string_view text) {
  return read_proxy_header(std::as_bytes(std::span(text.data(), text.size())));
}

const auto signature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string binary(char version_and_command, char family, const std::string& rest) {
  return signature + version_and_command + family + static_cast<char>(rest.size() >> 8) +
         static_cast<char>(rest.size() & 0xff) + rest;
}

TEST(proxy_header, of_version_1) {
  const auto v4 = "PROXY TCP4 203.0.113.7 198.51.100.1 56324 443\r\n"s;
  auto made = read(v4 + "GET /");
  EXPECT_EQ(made.is, state::complete);
  EXPECT_EQ(made.size, v4.size());
  EXPECT_EQ(made.client, "203.0.113.7:56324");
  EXPECT_EQ(read("PROXY TCP6 2001:db8::7 ::1 1 65535\r\n").client, "[2001:db8::7]:1");
  made = read("PROXY UNKNOWN ffff:f...f:ffff 65535\r\n");
  EXPECT_EQ(made.is, state::complete);
  EXPECT_EQ(made.client, "");
  EXPECT_EQ(read("PROXY UNKNOWN\r\n").is, state::complete);
  for (std::size_t size = 0; size < v4.size(); ++size) {
    EXPECT_EQ(read(v4.substr(0, size)).is, state::incomplete) << size;
  }
}

TEST(proxy_header, of_version_2) {
  const auto v4 = binary('\x21', '\x11', "\xcb\x00\x71\x07\xc6\x33\x64\x01\xdc\x04\x01\xbb"s);
  const auto made = read(v4 + "GET /");
  EXPECT_EQ(made.is, state::complete);
  EXPECT_EQ(made.size, v4.size());
  EXPECT_EQ(made.client, "203.0.113.7:56324");
  for (std::size_t size = 0; size < v4.size(); ++size) {
    EXPECT_EQ(read(v4.substr(0, size)).is, state::incomplete) << size;
  }
  const auto v6 = binary('\x21', '\x21',
                         std::string(15, '\0') + "\x07" + std::string(16, '\0') +
                             "\x00\x50\x01\xbb"s + "\x04\x00\x01\xff"s);
  EXPECT_EQ(read(v6).client, "[::7]:80");
  // Of itself, of Unix sockets, of what is not said.
  for (const auto& each :
       {binary('\x20', '\x00', ""), binary('\x20', '\x11', std::string(12, 'x')),
        binary('\x21', '\x31', std::string(216, 'x')), binary('\x21', '\x00', "")}) {
    EXPECT_EQ(read(each).is, state::complete);
    EXPECT_EQ(read(each).client, "");
    EXPECT_EQ(read(each).size, each.size());
  }
}

TEST(proxy_header, that_is_none_is_refused) {
  for (const auto& each : {"GET / HTTP/1.1\r\n"s,
                           "PROXY\r\n"s,
                           "PROXY  TCP4"s + std::string(100, ' '),
                           "PROXY TCP5 1.1.1.1 2.2.2.2 1 2\r\n"s,
                           "PROXY TCP4 1.1.1 2.2.2.2 1 2\r\n"s,
                           "PROXY TCP4 ::1 ::2 1 2\r\n"s,
                           "PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n"s,
                           "PROXY TCP4 1.1.1.1 2.2.2.2 70000 2\r\n"s,
                           "PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n"s,
                           "PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n"s,
                           "PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n"s,
                           "PROXY TCP6 fe80::1%x ::1 1 2\r\n"s,
                           "PROXY TCP4 1.1.1.1 2.2.2.2 1 x\r\n"s,
                           "PROXY TCP4 "s + std::string(200, '1'),
                           binary('\x11', '\x11', std::string(12, 'x')),
                           binary('\x22', '\x11', std::string(12, 'x')),
                           binary('\x21', '\x11', std::string(11, 'x')),
                           binary('\x21', '\x21', std::string(35, 'x')),
                           signature + "\x21\x11\xff\xff",
                           "\x16\x03\x01"s}) {
    EXPECT_EQ(read(each).is, state::malformed) << each;
  }
}

}  // namespace
}  // namespace saker::io
