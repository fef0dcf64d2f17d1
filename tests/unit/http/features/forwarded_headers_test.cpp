#include <saker/http/features/forwarded_headers.hpp>

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "http/features/forwarded_fields.hpp"
#include "unit/http/exchange/memory_protocol.hpp"

namespace saker {
namespace {

using test::field_list;
using test::memory_protocol;
using test::serve;

/// "client scheme host" as the rest of the pipeline sees them. The peer is 127.0.0.1:50311.
std::string seen(field_list fields, const forwarded_headers_options& options = {}) {
  fields.emplace_back("Host", "inner");
  memory_protocol exchange("GET", "/", fields);
  application_builder pipeline;
  pipeline.use(forwarded_headers(options));
  std::string text;
  pipeline.run([&](http_context& context) -> task<void> {
    const auto& request = context.request();
    text = request.remote_endpoint() + " " + std::string(request.scheme()) + " " +
           std::string(request.host());
    EXPECT_EQ(context.connection().remote_endpoint(), "127.0.0.1:50311");
    return {};
  });
  serve(pipeline.build(), exchange);
  return text;
}

forwarded_headers_options with(void (*change)(forwarded_headers_options&)) {
  forwarded_headers_options options;
  change(options);
  return options;
}

TEST(forwarded_headers, are_taken_from_a_known_proxy) {
  EXPECT_EQ(seen({}), "127.0.0.1:50311 http inner");
  EXPECT_EQ(seen({{"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-Proto", "https"}}),
            "203.0.113.7:0 https inner");
  EXPECT_EQ(seen({{"x-forwarded-for", "203.0.113.7:81"}}), "203.0.113.7:81 http inner");
  EXPECT_EQ(seen({{"X-Forwarded-For", "2001:db8::7"}}), "[2001:db8::7]:0 http inner");
  EXPECT_EQ(seen({{"X-Forwarded-For", "[2001:db8::7]:81"}}), "[2001:db8::7]:81 http inner");
  EXPECT_EQ(seen({{"X-Forwarded-Proto", "HTTPS"}}), "127.0.0.1:50311 https inner");
  // Hosts are believed only where that is asked for.
  EXPECT_EQ(seen({{"X-Forwarded-Host", "outer"}}), "127.0.0.1:50311 http inner");
  EXPECT_EQ(seen({{"X-Forwarded-Host", "outer:8080"}}, with([](auto& o) { o.host = true; })),
            "127.0.0.1:50311 http outer:8080");
}

TEST(forwarded_headers, are_not_taken_from_others) {
  const auto elsewhere = with([](auto& o) { o.known_proxies = {"10.0.0.0/8"}; });
  EXPECT_EQ(seen({{"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-Proto", "https"}}, elsewhere),
            "127.0.0.1:50311 http inner");
  const auto nobody = with([](auto& o) { o.known_proxies = {}; });
  EXPECT_EQ(seen({{"X-Forwarded-For", "203.0.113.7"}}, nobody), "127.0.0.1:50311 http inner");
}

TEST(forwarded_headers, cannot_be_faked_in_front_of_a_proxy) {
  // What the client has sent itself stands before what the proxy has added.
  EXPECT_EQ(seen({{"X-Forwarded-For", "1.1.1.1, 203.0.113.7"}}), "203.0.113.7:0 http inner");
  EXPECT_EQ(seen({{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "203.0.113.7"}}),
            "203.0.113.7:0 http inner");
  EXPECT_EQ(seen({{"X-Forwarded-Proto", "https,http"}}), "127.0.0.1:50311 http inner");
  const auto any_number = with([](auto& o) {
    o.forward_limit.reset();
    o.known_proxies = {"127.0.0.1", "10.0.0.0/8"};
  });
  EXPECT_EQ(seen({{"X-Forwarded-For", "1.1.1.1, 203.0.113.7, 10.1.1.1, 10.2.2.2"}}, any_number),
            "203.0.113.7:0 http inner");
  EXPECT_EQ(seen({{"X-Forwarded-For", "10.3.3.3"}}, any_number), "10.3.3.3:0 http inner");
  // Two proxies, of which only the nearest is asked.
  EXPECT_EQ(seen({{"X-Forwarded-For", "203.0.113.7, 10.1.1.1"}}), "10.1.1.1:0 http inner");
}

TEST(forwarded_headers, that_cannot_be_read_end_the_chain) {
  for (const auto* const each :
       {"unknown", "_hidden", "203.0.113", "203.0.113.7:", "203.0.113.7:port", "203.0.113.7:70000",
        "[2001:db8::7", "[2001:db8::7]81", "2001:db8::7:", "", ",", "203.0.113.7 x",
        "fe80::1%x]:1"}) {
    EXPECT_EQ(seen({{"X-Forwarded-For", each}}), "127.0.0.1:50311 http inner") << each;
  }
  EXPECT_EQ(seen({{"X-Forwarded-Proto", "javascript"}}), "127.0.0.1:50311 http inner");
  for (const auto* const each : {"a/b", "a b", "a\\b", "a?b", "<script>"}) {
    EXPECT_EQ(seen({{"X-Forwarded-Host", each}}, with([](auto& o) { o.host = true; })),
              "127.0.0.1:50311 http inner")
        << each;
  }
}

TEST(forwarded_headers, may_have_to_be_symmetric) {
  const auto strict = with([](auto& o) { o.require_header_symmetry = true; });
  EXPECT_EQ(seen({{"X-Forwarded-For", "1.1.1.1, 2.2.2.2"}, {"X-Forwarded-Proto", "https"}}, strict),
            "127.0.0.1:50311 http inner");
  EXPECT_EQ(seen({{"X-Forwarded-For", "2.2.2.2"}, {"X-Forwarded-Proto", "https"}}, strict),
            "2.2.2.2:0 https inner");
}

TEST(forwarded_headers, name_only_allowed_hosts) {
  const auto some = with([](auto& o) {
    o.host = true;
    o.allowed_hosts = {"example.com", "*.example.net"};
  });
  const auto host = [&](const char* name) { return seen({{"X-Forwarded-Host", name}}, some); };
  EXPECT_EQ(host("Example.com:443"), "127.0.0.1:50311 http Example.com:443");
  EXPECT_EQ(host("a.b.example.net"), "127.0.0.1:50311 http a.b.example.net");
  EXPECT_EQ(host("example.net"), "127.0.0.1:50311 http inner");
  EXPECT_EQ(host("evilexample.net"), "127.0.0.1:50311 http inner");
  EXPECT_EQ(host("evil.com"), "127.0.0.1:50311 http inner");
}

TEST(forwarded_headers, of_the_standard) {
  const auto standard = with([](auto& o) {
    o.fields = forwarded_fields::forwarded;
    o.host = true;
  });
  const auto read = [&](const char* value) { return seen({{"Forwarded", value}}, standard); };
  EXPECT_EQ(read("for=203.0.113.7;proto=https;by=10.0.0.1;host=outer"),
            "203.0.113.7:0 https outer");
  EXPECT_EQ(read("For=\"[2001:db8:cafe::17]:4711\""), "[2001:db8:cafe::17]:4711 http inner");
  EXPECT_EQ(read("for=1.1.1.1, for=203.0.113.7; proto=https"), "203.0.113.7:0 https inner");
  EXPECT_EQ(read("for=\"a\\\"b,c\", for=203.0.113.7"), "203.0.113.7:0 http inner");
  // A client's unfinished quote must not hide what the proxy says.
  EXPECT_EQ(read("for=\"1.1.1.1, for=203.0.113.7"), "203.0.113.7:0 http inner");
  EXPECT_EQ(seen({{"Forwarded", "for=\""}, {"Forwarded", "for=203.0.113.7"}}, standard),
            "203.0.113.7:0 http inner");
  for (const auto* const each :
       {"for", "for=", "for=1.1.1.1 x", "for=1.1.1.1;for=2.2.2.2", "for=_x", "for=unknown",
        "=1.1.1.1", "for=\"1.1.1.1", "for=\"\\"}) {
    EXPECT_EQ(read(each), "127.0.0.1:50311 http inner") << each;
  }
  // The other kind is the client's own.
  EXPECT_EQ(seen({{"X-Forwarded-For", "1.1.1.1"}}, standard), "127.0.0.1:50311 http inner");
  EXPECT_EQ(seen({{"Forwarded", "for=1.1.1.1"}}), "127.0.0.1:50311 http inner");
}

TEST(forwarded_headers, options_are_checked) {
  EXPECT_THROW(forwarded_headers(with([](auto& o) { o.forward_limit = 0; })),
               std::invalid_argument);
  for (const auto* const each : {"", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "host"}) {
    forwarded_headers_options options;
    options.known_proxies = {each};
    EXPECT_THROW(forwarded_headers(options), std::invalid_argument) << each;
  }
  EXPECT_THROW(forwarded_headers(with([](auto& o) { o.allowed_hosts = {"a/b"}; })),
               std::invalid_argument);
}

}  // namespace
}  // namespace saker
