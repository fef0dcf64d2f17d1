#include "unit/http/exchange/memory_protocol.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

task<void> echo(http_context& context) {
  auto reading = context.request().read_all();
  auto body = co_await reading;
  auto sent = context.response().send(body);
  co_await sent;
}

TEST(memory_protocol, takes_a_request_as_text) {
  test::memory_protocol exchange(
      "POST /a%20b?x=1 HTTP/1.1\r\nHost: here\r\nX-Y: z\r\n\r\nthe body");
  auto& request = exchange.context().request();
  EXPECT_EQ(request.method(), "POST");
  EXPECT_EQ(request.path(), "/a b");
  EXPECT_EQ(request.query("x"), "1");
  EXPECT_EQ(request.host(), "here");
  EXPECT_EQ(request.headers().get("x-y"), "z");
  EXPECT_TRUE(request.has_body());
  test::serve(echo, exchange);
  EXPECT_EQ(exchange.content(), "the body");
}

TEST(memory_protocol, has_no_body_without_one) {
  test::memory_protocol exchange("GET / HTTP/1.1\r\n\r\n");
  EXPECT_FALSE(exchange.context().request().has_body());
  EXPECT_NO_THROW(test::serve(echo, exchange));
  EXPECT_EQ(exchange.status(), 200);
}

}  // namespace
}  // namespace saker
