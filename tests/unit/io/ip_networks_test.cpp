#include "io/ip_networks.hpp"

#include <gtest/gtest.h>

namespace saker::io {
namespace {

TEST(ip_networks, contain_addresses_and_endpoints) {
  const ip_networks some({"10.0.0.0/8", "192.168.1.128/25", "203.0.113.7", "fd00::/9", "::1"});
  for (const auto* const each :
       {"10.255.0.1", "10.0.0.1:80", "192.168.1.128:1", "192.168.1.255", "203.0.113.7:65535",
        "[fd7f::1]:80", "fd00::", "[::1]:1", "::ffff:10.1.2.3", "[::ffff:203.0.113.7]:80"}) {
    EXPECT_TRUE(some.contains(each)) << each;
  }
  for (const auto* const each : {"11.0.0.1", "192.168.1.127", "203.0.113.8", "[fd80::1]:80", "::2",
                                 "unix:", "", "host", "[", "[]", ":"}) {
    EXPECT_FALSE(some.contains(each)) << each;
  }
  EXPECT_TRUE(ip_networks({"unix:"}).contains("unix:"));
  EXPECT_TRUE(ip_networks({"0.0.0.0/0"}).contains("1.2.3.4"));
  EXPECT_FALSE(ip_networks({"0.0.0.0/0"}).contains("::1"));
  EXPECT_FALSE(ip_networks({}).contains("127.0.0.1"));
}

}  // namespace
}  // namespace saker::io
