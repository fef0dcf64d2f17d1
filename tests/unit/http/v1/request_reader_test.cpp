#include "http/v1/request_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace saker::http::v1 {
namespace {

struct outcome {
  int status = 0;  ///< 0: accepted.
  bool complete = false;
  std::string method;
  std::string path;
  std::string host;
  std::string body;
  bool operator==(const outcome&) const = default;
};

struct gathered final : http::v1::body_sink {
  void on_body(std::span<const std::byte> data) override {
    text.append(reinterpret_cast<const char*>(data.data()), data.size());
  }
  std::string text;
};

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

/// Feeds the request as a connection does: what is not taken is shown again with `step` more.
outcome read(const std::string& request, std::size_t step, http_limits limits = {}) {
  request_reader reader(limits);
  gathered body;
  outcome result;
  bool has_head = false;
  std::size_t taken = 0;
  for (std::size_t shown = std::min(step, request.size());;
       shown = std::min(shown + step, request.size())) {
    const auto rest = std::string_view(request).substr(taken, shown - taken);
    if (!has_head) {
      const auto head = reader.read_head(bytes(rest));
      taken += head.used;
      if (head.state == request_reader::progress::head_complete) {
        has_head = true;
        const auto parsed = reader.take_head();
        result.method = parsed.method;
        result.path = parsed.decoded_path;
        result.host = parsed.host;
        result.complete = !parsed.has_body;
      }
    }
    if (has_head && !result.complete && !reader.fault()) {
      taken +=
          reader.read_body(bytes(std::string_view(request).substr(taken, shown - taken)), body);
      result.complete = !reader.fault() && reader.body_complete();
    }
    if (reader.fault() || shown == request.size()) break;
  }
  result.status = reader.fault().status;
  result.body = body.text;
  return result;
}

void expect_status(const std::string& request, int status) {
  const auto whole = read(request, request.size());
  EXPECT_EQ(whole.status, status) << request;
  const auto bytewise = read(request, 1);
  EXPECT_EQ(bytewise.status, status) << "byte by byte: " << request;
  if (status == 0) {
    EXPECT_TRUE(whole == bytewise) << request;
  }
}

TEST(request_reader, refuses_bad_heads) {
  const std::string host = "Host: a\r\n";
  const auto with = [&](const std::string& fields) {
    return "GET / HTTP/1.1\r\n" + host + fields + "\r\n";
  };
  const std::vector<std::pair<std::string, int>> table = {
      {"GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
      {with("X: a\rb\r\n"), 400},
      {with(std::string("X: a\0b\r\n", 8)), 400},
      {with("X: a\x7f\r\n"), 400},
      {with("X: a\r\n folded\r\n"), 400},
      {with("X : a\r\n"), 400},
      {with("X\t: a\r\n"), 400},
      {with(": a\r\n"), 400},
      {with("no colon\r\n"), 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {with(host), 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: [xyz]\r\n\r\n", 400},
      {with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400},
      {with("Content-Length: 1\r\nContent-Length: 1\r\n"), 400},
      {with("Content-Length: -1\r\n"), 400},
      {with("Content-Length: +1\r\n"), 400},
      {with("Content-Length: 1, 1\r\n"), 400},
      {with("Content-Length: 0x10\r\n"), 400},
      {with("Content-Length: \r\n"), 400},
      {with("Content-Length: 99999999999999999999\r\n"), 400},
      {with("Transfer-Encoding: gzip\r\n"), 400},
      {with("Transfer-Encoding: chunked, gzip\r\n"), 400},
      {with("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {with("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), 501},
      {with("Transfer-Encoding: x-own;a=\"b,c\", chunked\r\n"), 501},
      {with("Transfer-Encoding: identity, chunked\r\n"), 501},
      {with("Content-Length: 1\r\nTransfer-Encoding: gzip, chunked\r\n"), 400},
      {with("Transfer-Encoding: chunked, gzip, chunked\r\n"), 400},
      {with("Transfer-Encoding: Chunked, chunked\r\n"), 400},
      {with("Transfer-Encoding: g zip, chunked\r\n"), 400},
      {with("Transfer-Encoding: ;, chunked\r\n"), 400},
      {with("Transfer-Encoding: chunked;a=b\r\n"), 400},
      {with("Transfer-Encoding: \r\n"), 400},
      {with("Transfer-Encoding: ,\r\n"), 400},
      {"GET / HTTP/1.0\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400},
      {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {with("Transfer-Encoding: xchunked\r\n"), 400},
      {with("Transfer-Encoding: \"chunked\"\r\n"), 400},
      {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST / HTTP/1.0\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"GET / HTTQ/1.1\r\nHost: a\r\n\r\n", 505},
      {"GET /\r\nHost: a\r\n\r\n", 400},
      {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET relative HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://b/ HTTP/1.1\r\n\r\n", 400},
      {"GET http://b/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://a#x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://a/x#y HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /x#y HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"CONNECT a:1 HTTP/1.1\r\nHost: b:1\r\n\r\n", 400},
      {with("Content-Length: 1\r\nExpect: miracles\r\n"), 417},
      {"GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {std::string(9000, 'G'), 414},
      {with("X: " + std::string(33'000, 'x') + "\r\n"), 431},
      {with("X: " + std::string(40'000, 'x')), 431},
  };
  for (const auto& [request, status] : table) expect_status(request, status);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "X: y\r\n";
  expect_status(with(many), 431);
}

TEST(request_reader, accepts_good_heads) {
  for (const std::string head :
       {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a:80/ HTTP/1.1\r\nHost: A\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        "GET /?q=%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "X-OWN / HTTP/1.1\r\nHost: a\r\nEmpty:\r\n\r\n"}) {
    expect_status(head, 0);
    EXPECT_TRUE(read(head, head.size()).complete) << head;
  }
}

TEST(request_reader, decodes_the_path) {
  const auto path_of = [](const std::string& target) {
    return read("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n", 4096).path;
  };
  EXPECT_EQ(path_of("/a%20b?x=1"), "/a b");
  EXPECT_EQ(path_of("/a/../../etc/passwd"), "/etc/passwd");
  EXPECT_EQ(path_of("/%2e%2e/secret"), "/secret");
  EXPECT_EQ(path_of("/a%2Fb"), "/a%2Fb");
  EXPECT_EQ(path_of("http://a/absolute"), "/absolute");
  EXPECT_EQ(path_of("http://a"), "/");
}

TEST(request_reader, the_authority_of_the_target_counts) {
  http_limits limits;
  request_reader reader(limits);
  const std::string_view text =
      "GET HTTP://there.example:81/a?b HTTP/1.1\r\nX: y\r\nhost: here\r\n\r\n";
  ASSERT_EQ(reader.read_head(bytes(text)).state, request_reader::progress::head_complete);
  const auto head = reader.take_head();
  EXPECT_EQ(head.host, "there.example:81");
  // Whoever looks at the field sees no other.
  EXPECT_EQ(head.fields.get("Host"), "there.example:81");
  EXPECT_EQ(head.fields.get("X"), "y");
  EXPECT_EQ(head.decoded_path, "/a");
  EXPECT_EQ(head.query, "b");
  EXPECT_EQ(head.target, "HTTP://there.example:81/a?b");
}

const std::string post = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST(request_reader, reads_bodies_split_anywhere) {
  const std::string chunked =
      post + "5\r\nhello\r\n6;name=value;q=\"x y\"\r\n world\r\n0\r\nTrailer: x\r\n\r\n";
  // Empty members of a list say nothing.
  const std::string listed =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: , Chunked ,\r\n\r\n" +
      chunked.substr(post.size());
  const std::string length = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world";
  for (const auto& request : {chunked, listed, length}) {
    for (std::size_t step = 1; step <= request.size(); ++step) {
      const auto result = read(request, step);
      ASSERT_EQ(result.status, 0) << step;
      ASSERT_TRUE(result.complete) << step;
      ASSERT_EQ(result.body, "hello world") << step;
    }
  }
}

TEST(request_reader, refuses_bad_chunks) {
  for (const std::string body :
       {"x\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloo\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n",
        "5;a\rb\r\nhello\r\n0\r\n\r\n", "80000000\r\n", "fffffffffffffffff\r\nhello\r\n",
        "5\r\nhello\r\n0\r\nbad trailer\r\n\r\n", "\r\n5\r\nhello\r\n0\r\n\r\n"}) {
    expect_status(post + body, 400);
  }
}

TEST(request_reader, takes_long_trailers_however_they_are_cut) {
  const std::string last_chunk = post + "5\r\nhello\r\n00;a=b\r\n";
  std::string fields;
  for (int i = 0; i < 20; ++i) fields += "T: " + std::string(1'000, 't') + "\r\n";
  const auto accepted = last_chunk + fields + "\r\n";
  const auto refused = last_chunk + fields + fields + "\r\n";
  for (const std::size_t step : {std::size_t{1'000'000}, std::size_t{19'000}, std::size_t{1'000}}) {
    EXPECT_EQ(read(accepted, step).status, 0) << step;
    EXPECT_EQ(read(accepted, step).body, "hello") << step;
    EXPECT_EQ(read(refused, step).status, 431) << step;
  }
  // A line that never ends is no trailer.
  EXPECT_EQ(read(post + std::string(40'000, '0'), 1'000).status, 400);
}

}  // namespace
}  // namespace saker::http::v1
