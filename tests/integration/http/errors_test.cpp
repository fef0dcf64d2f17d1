// What clients and middleware see of requests that fail, over HTTP/1 and HTTP/2.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <saker/saker.hpp>

#include "support/h2_client.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"
#include "support/ws_client.hpp"

namespace saker::testing {
namespace {

const std::string problem_type = "application/problem+json";
const std::string origin = "https://client.com";

std::string problem(int status, const std::string& title, const std::string& detail = {}) {
  return R"({"type":"about:blank","title":")" + title + R"(","status":)" + std::to_string(status) +
         (detail.empty() ? "" : R"(,"detail":")" + detail + '"') + "}";
}

/// What a middleware around everything has seen.
class journal {
 public:
  void add(std::string_view path, int status) {
    const std::scoped_lock lock(mutex_);
    entries_.push_back(std::string(path) + " " + std::to_string(status));
  }
  std::vector<std::string> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(entries_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> entries_;
};

task<void> note(journal& to, http_context& context, next rest) {
  auto work = rest();
  co_await work;
  to.add(context.request().path(), context.response().status());
}

/// The handler is really suspended before it fails.
task<void> fail_later(http_context& context) {
  const auto name = std::string(context.request().route_value("how"));
  auto waiting = delay(std::chrono::milliseconds(1));
  co_await waiting;
  context.response().set_content_type("image/png");
  context.response().headers().set("ETag", "\"1\"");
  if (name == "http") throw http_error(401, "No key.").with_header("WWW-Authenticate", "Key");
  throw std::runtime_error("secret");
}

struct response_seen {
  std::string status;
  std::string content_type;
  std::string allow_origin;
  std::string etag;
  std::string challenge;
  std::string body;
};

class http_errors : public ::testing::Test {
 protected:
  void configure(web_application& app) {
    app.use_cors({.allowed_origins = {origin}});
    app.use([this](http_context& context, next rest) { return note(seen_, context, rest); });
    app.use([](http_context& context, next rest) {
      if (context.request().path() == "/guarded") throw http_error(403, "Not you.");
      return rest();
    });
    app.use_exception_handler();
    app.use_websockets();
    app.map_get("/later/{how}", fail_later);
    app.map_get("/at-once", [](http_context&) -> task<void> { throw http_error(410); });
    app.map_get("/bad-start", [](http_context& context) -> task<void> {
      context.response().on_starting([](http_response&) { throw std::runtime_error("secret"); });
      co_return;
    });
    app.map_get("/half", [](http_context& context) -> task<void> {
      auto sent = context.response().write("half");
      co_await sent;
      throw http_error(401);
    });
    app.map_get("/bare", [](http_context& context) -> task<void> {
      context.response().set_status(404);
      co_return;
    });
    app.map_post("/body", [](http_context& context) -> task<void> {
      auto reading = context.request().read_all(3);
      const auto body = co_await reading;
    });
    app.map("/ws", [](http_context& context) -> task<void> {
      if (context.request().query_string() == "refuse") throw http_error(401, "No token.");
      auto accepting = context.websockets().accept();
      auto socket = co_await accepting;
    });
  }

  journal seen_;
  test_server server_{[this](web_application& app) {
    http_limits limits;
    limits.max_concurrent_upgraded_connections = 0;
    app.set_limits(limits);
    configure(app);
  }};
};

std::string value_of(const std::string& head, const std::string& name) {
  const auto at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

response_seen read_http1(raw_client& client, bool has_body = true) {
  const auto head = client.read_until("\r\n\r\n");
  response_seen seen{head.substr(9, 3),
                     value_of(head, "Content-Type"),
                     value_of(head, "Access-Control-Allow-Origin"),
                     value_of(head, "ETag"),
                     value_of(head, "WWW-Authenticate"),
                     {}};
  const auto length = value_of(head, "Content-Length");
  if (has_body && !length.empty()) seen.body = client.read_exactly(std::stoul(length));
  return seen;
}

response_seen ask_http2(h2_client& client, h2::fields fields) {
  fields.emplace_back("origin", origin);
  auto& answer = client.finished(client.request(fields));
  EXPECT_TRUE(answer.ended);
  return {answer.status(),
          answer.field("content-type"),
          answer.field("access-control-allow-origin"),
          answer.field("etag"),
          answer.field("www-authenticate"),
          answer.data};
}

void expect_failure(const response_seen& seen, const std::string& status, const std::string& body) {
  EXPECT_EQ(seen.status, status);
  EXPECT_EQ(seen.content_type, problem_type);
  EXPECT_EQ(seen.allow_origin, origin);
  EXPECT_EQ(seen.etag, "");
  EXPECT_EQ(seen.body, body);
}

const std::vector<std::string> all_seen = {"/later/http 401", "/later/other 500", "/at-once 410",
                                           "/guarded 403"};

TEST_F(http_errors, keep_their_fields_and_the_connection) {
  auto client = raw_client::connect(server_.port());
  const auto ask = [&](const std::string& path, const std::string& version = "1.1") {
    client.send_all("GET " + path + " HTTP/" + version +
                    "\r\nHost: a\r\nConnection: keep-alive\r\n" + "Origin: " + origin + "\r\n\r\n");
    return read_http1(client);
  };
  for (const auto* const version : {"1.1", "1.0"}) {
    const auto refused = ask("/later/http", version);
    expect_failure(refused, "401", problem(401, "Unauthorized", "No key."));
    EXPECT_EQ(refused.challenge, "Key");
    expect_failure(ask("/later/other", version), "500", problem(500, "Internal Server Error"));
    expect_failure(ask("/at-once", version), "410", problem(410, "Gone"));
    expect_failure(ask("/guarded", version), "403", problem(403, "Forbidden", "Not you."));
    EXPECT_EQ(seen_.take(), all_seen);
  }
}

TEST_F(http_errors, keep_their_fields_over_http2) {
  const auto client = h2_client::connect(server_.port());
  const auto refused = ask_http2(*client, h2::get("/later/http"));
  expect_failure(refused, "401", problem(401, "Unauthorized", "No key."));
  EXPECT_EQ(refused.challenge, "Key");
  expect_failure(ask_http2(*client, h2::get("/later/other")), "500",
                 problem(500, "Internal Server Error"));
  expect_failure(ask_http2(*client, h2::get("/at-once")), "410", problem(410, "Gone"));
  expect_failure(ask_http2(*client, h2::get("/guarded")), "403",
                 problem(403, "Forbidden", "Not you."));
  EXPECT_EQ(seen_.take(), all_seen);
}

TEST_F(http_errors, of_a_response_about_to_start_are_answered) {
  auto client = raw_client::connect(server_.port());
  client.send_all("GET /bad-start HTTP/1.1\r\nHost: a\r\nOrigin: " + origin + "\r\n\r\n");
  expect_failure(read_http1(client), "500", problem(500, "Internal Server Error"));
  const auto http2 = h2_client::connect(server_.port());
  expect_failure(ask_http2(*http2, h2::get("/bad-start")), "500",
                 problem(500, "Internal Server Error"));
}

TEST_F(http_errors, that_were_only_set_have_no_body) {
  auto client = raw_client::connect(server_.port());
  for (const auto* const path : {"/bare", "/nowhere"}) {
    client.send_all("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answer = read_http1(client);
    EXPECT_EQ(answer.status, "404");
    EXPECT_EQ(answer.body, "");
  }
  client.send_all("DELETE /bare HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(read_http1(client).status, "405");
  EXPECT_EQ(seen_.take(), (std::vector<std::string>{"/bare 404", "/nowhere 404", "/bare 405"}));
}

TEST_F(http_errors, answer_head_without_their_body) {
  auto client = raw_client::connect(server_.port());
  for (const auto* const path : {"/at-once", "/later/other"}) {
    client.send_all("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto head = client.read_until("\r\n\r\n");
    EXPECT_NE(value_of(head, "Content-Length"), "0");
    EXPECT_EQ(value_of(head, "Content-Type"), problem_type);
  }
  client.send_all("GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(read_http1(client).body, problem(410, "Gone"));

  const auto http2 = h2_client::connect(server_.port());
  auto fields = h2::get("/at-once");
  for (auto& [name, value] : fields) {
    if (name == ":method") value = "HEAD";
  }
  const auto answer = ask_http2(*http2, fields);
  EXPECT_EQ(answer.status, "410");
  EXPECT_EQ(answer.body, "");
}

TEST_F(http_errors, are_text_for_a_client_that_takes_no_json) {
  auto client = raw_client::connect(server_.port());
  client.send_all("GET /later/http HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n");
  const auto answer = read_http1(client);
  EXPECT_EQ(answer.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(answer.body, "401 Unauthorized\nNo key.\n");
}

TEST_F(http_errors, of_the_body_end_the_connection) {
  auto client = raw_client::connect(server_.port());
  client.send_all("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n1234");
  const auto head = client.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 413 ")) << head;
  EXPECT_EQ(value_of(head, "Connection"), "close");
  EXPECT_EQ(client.read_to_eof(), problem(413, "Content Too Large"));
  EXPECT_EQ(seen_.take(), std::vector<std::string>{"/body 413"});

  client = raw_client::connect(server_.port());
  client.send_all("POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n");
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(client.read_to_eof(), problem(400, "Bad Request"));
}

TEST_F(http_errors, break_an_answer_that_has_started) {
  auto client = raw_client::connect(server_.port());
  client.send_all("GET /half HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_to_eof().find("0\r\n\r\n"), std::string::npos);
  EXPECT_TRUE(client.was_reset());
  const auto http2 = h2_client::connect(server_.port());
  http2->expect_reset(http2->request(h2::get("/half")), NGHTTP2_INTERNAL_ERROR);
}

TEST_F(http_errors, refuse_a_websocket) {
  const auto ask = [&](const std::string& path, const std::string& fields = {}) {
    auto client = raw_client::connect(server_.port());
    client.send_all(handshake_request(path, "Origin: " + origin + "\r\n" + fields));
    auto head = client.read_until("\r\n\r\n");
    EXPECT_EQ(value_of(head, "Access-Control-Allow-Origin"), origin);
    EXPECT_EQ(value_of(head, "Sec-WebSocket-Accept"), "");
    return head + client.read_exactly(std::stoul(value_of(head, "Content-Length")));
  };
  EXPECT_TRUE(ask("/ws?refuse").ends_with(problem(401, "Unauthorized", "No token.")));
  // No place is left for it, which is known when the fields of the upgrade have been set.
  const auto full = ask("/ws");
  EXPECT_TRUE(full.starts_with("HTTP/1.1 503 ")) << full;
  EXPECT_EQ(value_of(full, "Upgrade"), "");
  EXPECT_EQ(seen_.take(), (std::vector<std::string>{"/ws 401", "/ws 503"}));

  const auto http2 = h2_client::connect(server_.port());
  expect_failure(ask_http2(*http2, h2::connect("/ws?refuse")), "401",
                 problem(401, "Unauthorized", "No token."));
  EXPECT_EQ(ask_http2(*http2, h2::connect("/ws")).status, "503");
  EXPECT_EQ(seen_.take(), (std::vector<std::string>{"/ws 401", "/ws 503"}));
}

TEST_F(http_errors, of_a_head_are_named_in_text) {
  const auto ask = [&](const std::string& method) {
    auto client = raw_client::connect(server_.port());
    client.send_all(method + " / HTTP/1.1\r\n\r\n");
    return client.read_to_eof();
  };
  const auto answer = ask("GET");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n400 Bad Request\n")) << answer;
  EXPECT_TRUE(ask("HEAD").ends_with("\r\n\r\n"));
}

// The default, without `use_exception_handler`.

TEST(http_exceptions, pass_middleware_and_keep_its_fields) {
  journal seen;
  const test_server server([&](web_application& app) {
    app.use_cors({.allowed_origins = {origin}});
    app.use([&](http_context& context, next rest) { return note(seen, context, rest); });
    app.use([](http_context& context, next rest) -> task<void> {
      try {
        auto work = rest();
        co_await work;
      } catch (const std::invalid_argument&) {
        context.response().set_status(422);
      }
    });
    app.map_get("/later/{how}", fail_later);
    app.map_get("/invalid", [](http_context&) -> task<void> { throw std::invalid_argument("x"); });
  });
  auto client = raw_client::connect(server.port());
  client.send_all("GET /later/other HTTP/1.1\r\nHost: a\r\nOrigin: " + origin + "\r\n\r\n");
  expect_failure(read_http1(client), "500", problem(500, "Internal Server Error"));
  client.send_all("GET /invalid HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(read_http1(client).status, "422");
  EXPECT_EQ(seen.take(), std::vector<std::string>{"/invalid 422"});

  const auto http2 = h2_client::connect(server.port());
  expect_failure(ask_http2(*http2, h2::get("/later/other")), "500",
                 problem(500, "Internal Server Error"));
}

TEST(http_exceptions, are_answered_by_a_handler_of_the_application) {
  const test_server server([&](web_application& app) {
    app.use_exception_handler([](http_context& context, std::exception_ptr) -> task<void> {
      auto waiting = delay(std::chrono::milliseconds(1));
      co_await waiting;
      auto sent = context.response().send("sorry", "text/plain");
      co_await sent;
    });
    app.map_get("/later/{how}", fail_later);
  });
  auto client = raw_client::connect(server.port());
  client.send_all("GET /later/other HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = read_http1(client);
  EXPECT_EQ(answer.status, "500");
  EXPECT_EQ(answer.body, "sorry");
  EXPECT_EQ(answer.etag, "");
}

TEST(http_problems, are_described_by_the_application) {
  const test_server server([&](web_application& app) {
    app.use_status_code_pages();
    app.set_problem_details({.customize = [](http_context& context, problem_details& problem) {
      problem.instance = context.request().path();
    }});
  });
  const auto expected =
      R"({"type":"about:blank","title":"Not Found","status":404,"instance":"/nowhere"})";
  auto client = raw_client::connect(server.port());
  client.send_all("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(read_http1(client).body, expected);
  const auto http2 = h2_client::connect(server.port());
  EXPECT_EQ(ask_http2(*http2, h2::get("/nowhere")).body, expected);
}

TEST(http_preflight, is_answered_before_authentication) {
  const test_server server([&](web_application& app) {
    app.use_cors({.allowed_origins = {origin}});
    app.use([](http_context&, next) -> task<void> { throw http_error(401); });
  });
  auto client = raw_client::connect(server.port());
  client.send_all("OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: " + origin +
                  "\r\nAccess-Control-Request-Method: PUT\r\n\r\n");
  const auto allowed = read_http1(client, false);
  EXPECT_EQ(allowed.status, "204");
  EXPECT_EQ(allowed.allow_origin, origin);
  client.send_all("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nOrigin: " + origin +
                  "\r\n\r\n");
  expect_failure(read_http1(client), "401", problem(401, "Unauthorized"));
}

}  // namespace
}  // namespace saker::testing
