#include <saker/http/message/network_address.hpp>

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(network_address, is_read_from_what_endpoints_are_called) {
  const auto parse = &network_address::parse;
  EXPECT_EQ(parse("127.0.0.1:5000"), (network_address{"127.0.0.1", 5000}));
  EXPECT_EQ(parse("[::1]:65535"), (network_address{"::1", 65535}));
  EXPECT_EQ(parse("[::1]"), (network_address{"::1", 0}));
  EXPECT_EQ(parse("2001:db8::7"), (network_address{"2001:db8::7", 0}));
  EXPECT_EQ(parse("192.0.2.7"), (network_address{"192.0.2.7", 0}));
  EXPECT_EQ(parse("unix:"), network_address());
  EXPECT_EQ(parse("unix:/run/x:80"), network_address());
  EXPECT_EQ(parse(""), network_address());
  EXPECT_EQ(parse("[::1"), network_address());
  EXPECT_EQ(parse("192.0.2.7:99999"), (network_address{"192.0.2.7", 0}));
}

}  // namespace
}  // namespace saker
