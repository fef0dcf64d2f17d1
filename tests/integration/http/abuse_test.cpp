// HTTP/1.1 over real sockets: what patient attackers try.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <saker/saker.hpp>

#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

const std::string good = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string good_post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";

class http_abuse : public ::testing::Test {
 protected:
  static void configure(web_application& app) {
    http_limits limits;
    limits.max_request_body_size = 1000;
    configure_with(limits, app);
  }
  static void configure_with(const http_limits& limits, web_application& app) {
    app.set_limits(limits);
    app.map("/", [](http_context& context) -> task<void> {
      const auto body = co_await context.request().read_all();
      co_await context.response().send("got " + body);
    });
  }

  /// One answer with that status, `Connection: close`, the end, and nothing else.
  void expect_refused(const std::string& request, int status) {
    auto client = raw_client::connect(server_.port());
    client.try_send_all(request);
    const auto text = client.read_to_eof();
    EXPECT_EQ(text.substr(0, 12), "HTTP/1.1 " + std::to_string(status)) << request << "\n" << text;
    EXPECT_NE(text.find("\r\nConnection: close\r\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("HTTP/1.1", 1), std::string::npos) << "a second answer: " << text;
  }

  void expect_served() {
    auto client = raw_client::connect(server_.port());
    client.send_all(good_post);
    EXPECT_EQ(client.read_until("got hello").substr(0, 15), "HTTP/1.1 200 OK");
  }

  test_server server_{configure};
};

TEST_F(http_abuse, smuggling_is_refused) {
  const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const std::string& fields : std::vector<std::string>{
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
           "Content-Length: 5\r\nContent-Length: 6\r\n",
           "Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5, 5\r\n",
           "Content-Length: +5\r\n", "Content-Length : 5\r\n", "Transfer-Encoding: xchunked\r\n",
           "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding : chunked\r\n",
           "Transfer-Encoding:\x0b"
           "chunked\r\n",
           " Transfer-Encoding: chunked\r\n", "X: y\nTransfer-Encoding: chunked\r\n",
           "X: y\rTransfer-Encoding: chunked\r\n"}) {
    expect_refused("POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n0\r\n\r\n" + hidden, 400);
  }
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& body : std::vector<std::string>{
           "5;x\nhello\r\n0\r\n\r\n", "5;x=\"\n\"\r\nhello\r\n0\r\n\r\n",
           "5\r\nhelloX\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "g\r\n", "5\r\nhello\n0\r\n\r\n"}) {
    expect_refused(chunked + body + hidden, 400);
  }
  expect_served();
}

TEST_F(http_abuse, oversized_requests_are_refused) {
  expect_refused("GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414);
  expect_refused("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(33'000, 'x') + "\r\n\r\n", 431);
  std::string many;
  for (int i = 0; i < 101; ++i) many += "X: y\r\n";
  expect_refused("GET / HTTP/1.1\r\nHost: a\r\n" + many + "\r\n", 431);
  expect_refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413);
  expect_refused("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                     std::string(1001, 'x') + "\r\n0\r\n\r\n",
                 413);
  expect_served();
}

TEST_F(http_abuse, slow_heads_are_refused) {
  http_limits limits;
  limits.request_headers_timeout = 300ms;
  test_server hasty([&](web_application& app) { configure_with(limits, app); });
  auto client = raw_client::connect(hasty.port());
  client.send_all("GET / HTTP/1.1\r\nHost: ");
  EXPECT_EQ(client.read_to_eof().substr(0, 12), "HTTP/1.1 408");
}

TEST_F(http_abuse, slow_bodies_are_refused) {
  http_limits limits;
  limits.min_data_rate_grace_period = 1100ms;
  test_server hasty([&](web_application& app) { configure_with(limits, app); });
  auto client = raw_client::connect(hasty.port());
  client.send_all("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nx");
  EXPECT_EQ(client.read_to_eof().substr(0, 12), "HTTP/1.1 408");
}

TEST_F(http_abuse, idle_connections_are_closed) {
  http_limits limits;
  limits.keep_alive_timeout = 1s;
  test_server hasty([&](web_application& app) { configure_with(limits, app); });
  auto unused = raw_client::connect(hasty.port());
  auto used = raw_client::connect(hasty.port());
  used.send_all(good);
  used.read_until("got ");
  EXPECT_EQ(used.read_to_eof(), "");
  EXPECT_EQ(unused.read_to_eof(), "");
}

TEST_F(http_abuse, a_reset_after_every_byte_hurts_nobody_else) {
  for (std::size_t size = 0; size <= good_post.size(); ++size) {
    auto client = raw_client::connect(server_.port());
    client.send_all(good_post.substr(0, size));
    size % 2 == 0 ? client.reset() : client.half_close();
    if (size % 20 == 0) expect_served();
  }
  expect_served();
}

TEST_F(http_abuse, half_open_connections_and_garbage_hurt_nobody_else) {
  std::vector<raw_client> open;
  for (int i = 0; i < 300; ++i) {
    open.push_back(raw_client::connect(server_.port()));
    std::string garbage;
    for (int j = 0; j < i; ++j) garbage += static_cast<char>(i * 31 + j * 17);
    open.back().try_send_all(i % 3 == 0 ? "GET / HT" : garbage);
    if (i % 50 == 0) expect_served();
  }
  expect_served();
}

}  // namespace
}  // namespace saker::testing
