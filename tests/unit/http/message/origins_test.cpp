#include "http/message/origins.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace saker::http {
namespace {

TEST(allowed_origins, compares_without_regard_to_case) {
  const allowed_origins one({"https://Client.COM", "http://localhost:3000"});
  EXPECT_FALSE(one.allows_every());
  EXPECT_TRUE(one.allows("https://client.com"));
  EXPECT_TRUE(one.allows("HTTPS://CLIENT.com"));
  EXPECT_TRUE(one.allows("http://localhost:3000"));
  for (const char* other :
       {"http://client.com", "https://client.com:8443", "https://www.client.com",
        "https://client.com.evil.net", "http://localhost", "null", ""}) {
    EXPECT_FALSE(one.allows(other)) << other;
  }
}

TEST(allowed_origins, allows_every_origin_when_there_is_none_or_a_star) {
  EXPECT_TRUE(allowed_origins({}).allows_every());
  const allowed_origins star({"http://e.com", "*"});
  EXPECT_TRUE(star.allows_every());
  EXPECT_TRUE(star.allows("http://example.com"));
  // An empty entry is one.
  EXPECT_FALSE(allowed_origins({""}).allows("http://example.com"));
}

TEST(allowed_origins, match_sub_domains) {
  const allowed_origins wild({"https://*.client.com", "http://*.localhost:3000"});
  for (const char* inside : {"https://www.client.com", "https://a.b.client.com",
                             "HTTPS://WWW.Client.com", "http://app.localhost:3000"}) {
    EXPECT_TRUE(wild.allows(inside)) << inside;
  }
  for (const char* outside :
       {"https://client.com", "https://.client.com", "http://www.client.com",
        "https://evilclient.com", "https://www.client.com:444", "https://evil.net/.client.com",
        "https://evil.net:1.client.com", "https://a@b.client.com", "http://app.localhost"}) {
    EXPECT_FALSE(wild.allows(outside)) << outside;
  }
}

TEST(allowed_origins, takes_any_port_where_that_is_said) {
  const allowed_origins local({"http://localhost:*", "https://*.client.com:*", "http://[::1]:*"});
  for (const char* inside :
       {"http://localhost", "http://localhost:1", "HTTP://LOCALHOST:65535", "http://[::1]:80",
        "https://www.client.com", "https://www.client.com:8443", "http://[::1]"}) {
    EXPECT_TRUE(local.allows(inside)) << inside;
  }
  for (const char* outside : {"https://localhost:1", "http://localhost:", "http://localhost:1x",
                              "http://localhost.evil.net:80", "http://localhost:80.evil.net",
                              "https://client.com:1", "http://[::2]:80", "http://localhost:1:2"}) {
    EXPECT_FALSE(local.allows(outside)) << outside;
  }
}

TEST(allowed_origins, refuses_stars_elsewhere) {
  for (const char* entry : {"https://*", "*.client.com", "https://www.*.com", "https://*client.com",
                            "https://*.*.com", "https://client.com:*:*"}) {
    EXPECT_THROW(allowed_origins({entry}), std::invalid_argument) << entry;
  }
}

}  // namespace
}  // namespace saker::http
