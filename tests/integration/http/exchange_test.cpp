// HTTP/1.1 over real sockets: what well-behaved clients rely on.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <string>

#include <saker/saker.hpp>

#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

std::string get(std::string_view target, std::string_view fields = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

struct answer {
  std::string head;
  std::string body;
  std::string status() const { return head.substr(9, 3); }
  bool has(std::string_view field) const {
    return head.find("\r\n" + std::string(field) + "\r\n") != std::string::npos;
  }
};

answer read_answer(raw_client& client, bool has_body = true) {
  answer result;
  result.head = client.read_until("\r\n\r\n");
  result.head.resize(result.head.size() - 2);
  if (!has_body) return result;
  if (const auto at = result.head.find("Content-Length: "); at != std::string::npos) {
    result.body = client.read_exactly(std::stoul(result.head.substr(at + 16)));
    return result;
  }
  if (!result.has("Transfer-Encoding: chunked")) {
    result.body = client.read_to_eof();
    return result;
  }
  for (;;) {
    const auto size = std::stoul(client.read_until("\r\n"), nullptr, 16);
    result.body += client.read_exactly(size);
    client.read_exactly(2);
    if (size == 0) return result;
  }
}

struct hello_controller : controller {
  task<void> say() { return response().send("by " + std::string(request().method())); }
  static void define(controller_routes<hello_controller>& routes) {
    routes.get("/hello", &hello_controller::say).route("/any", &hello_controller::say);
  }
};

class http_exchange : public ::testing::Test {
 protected:
  static void configure(web_application& app) {
    app.map("/branch", [](application_builder& branch) {
      branch.run([](http_context& context) {
        const auto& request = context.request();
        return context.response().send(std::string(request.path_base()) + "|" +
                                       std::string(request.path()));
      });
    });
    app.map_get("/", [](http_context& context) { return context.response().send("root"); });
    app.map_get("/rooms/{room}/seats/{seat}", [](http_context& context) {
      const auto& request = context.request();
      return context.response().send(std::string(request.route_value("room")) + "," +
                                     std::string(request.route_value("seat")) + "," +
                                     std::string(request.query("q").value_or("-")));
    });
    app.map_post("/echo", [](http_context& context) -> task<void> {
      std::array<std::byte, 1000> buffer;
      for (;;) {
        const auto count = co_await context.request().read(buffer);
        if (count == 0) break;
        co_await context.response().write(std::span<const std::byte>(buffer).first(count));
      }
    });
    app.map_post("/all", [](http_context& context) -> task<void> {
      const auto body = co_await context.request().read_all();
      co_await context.response().send(body);
    });
    app.map_post("/ignore", [](http_context& context) { return context.response().send("no"); });
    app.map_get("/cookie", [](http_context& context) {
      context.response().append_cookie("seen", "yes", {.http_only = true});
      return context.response().send(std::string(context.request().cookie("name").value_or("-")));
    });
    app.map_get("/throws", [](http_context&) -> task<void> {
      throw std::runtime_error("secret detail");
      co_return;
    });
    app.map_get("/teapot", [](http_context&) -> task<void> { throw http_error(418, "short"); });
    app.map_get("/half", [](http_context& context) -> task<void> {
      co_await context.response().write("half");
      throw std::runtime_error("too late");
    });
    app.map_get("/short", [](http_context& context) -> task<void> {
      context.response().set_content_length(10);
      co_await context.response().write("short");
    });
    app.map_get("/large", [](http_context& context) -> task<void> {
      const std::string piece(100'000, 'x');
      for (int i = 0; i < 100; ++i) co_await context.response().write(piece);
    });
    app.map_controllers<hello_controller>();
  }

  test_server server_{configure, 2};
  raw_client client_ = raw_client::connect(server_.port());
};

TEST_F(http_exchange, keeps_connections_alive) {
  for (int i = 0; i < 3; ++i) {
    client_.send_all(get("/"));
    const auto got = read_answer(client_);
    EXPECT_EQ(got.status(), "200");
    EXPECT_EQ(got.body, "root");
    EXPECT_TRUE(got.has("Server: Saker"));
    EXPECT_NE(got.head.find("\r\nDate: "), std::string::npos);
    EXPECT_EQ(got.head.find("\r\nConnection:"), std::string::npos);
  }
  client_.send_all(get("/", "Connection: close\r\n"));
  EXPECT_TRUE(read_answer(client_).has("Connection: close"));
  EXPECT_EQ(client_.read_to_eof(), "");
}

TEST_F(http_exchange, answers_pipelined_requests_in_order) {
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += get("/rooms/" + std::to_string(i) + "/seats/1");
  client_.send_all(requests);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(read_answer(client_).body, std::to_string(i) + ",1,-");
  }
}

TEST_F(http_exchange, reads_and_writes_chunks) {
  client_.send_all("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  client_.send_all("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n" + get("/"));
  const auto got = read_answer(client_);
  EXPECT_TRUE(got.has("Transfer-Encoding: chunked"));
  EXPECT_EQ(got.body, "hello world");
  EXPECT_EQ(read_answer(client_).body, "root");
}

TEST_F(http_exchange, streams_a_large_body_both_ways) {
  const std::string body(3'000'000, 'b');
  std::thread sending([&] {
    client_.send_all("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + body);
  });
  EXPECT_TRUE(read_answer(client_).body == body);
  sending.join();
}

TEST_F(http_exchange, asks_for_the_body_only_when_it_is_read) {
  const std::string head = "Host: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  client_.send_all("POST /all HTTP/1.1\r\n" + head);
  EXPECT_EQ(client_.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client_.send_all("hello");
  EXPECT_EQ(read_answer(client_).body, "hello");
  client_.send_all("POST /ignore HTTP/1.1\r\n" + head);
  const auto refused = read_answer(client_);
  EXPECT_EQ(refused.status(), "200");
  EXPECT_TRUE(refused.has("Connection: close"));
  EXPECT_EQ(client_.read_to_eof(), "");
}

TEST_F(http_exchange, goes_on_after_a_body_that_nobody_read) {
  client_.send_all("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + get("/"));
  EXPECT_EQ(read_answer(client_).body, "no");
  EXPECT_EQ(read_answer(client_).body, "root");
}

TEST_F(http_exchange, answers_head_without_a_body) {
  client_.send_all("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"));
  EXPECT_TRUE(read_answer(client_, false).has("Content-Length: 4"));
  EXPECT_EQ(read_answer(client_).body, "root");
}

TEST_F(http_exchange, serves_http_1_0) {
  client_.send_all("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(read_answer(client_).has("Connection: keep-alive"));
  client_.send_all("GET /large HTTP/1.0\r\n\r\n");
  EXPECT_EQ(read_answer(client_).body.size(), 10'000'000U);
}

TEST_F(http_exchange, routes_by_path_and_method) {
  const auto status_of = [&](const std::string& request) {
    client_.send_all(request);
    return read_answer(client_);
  };
  EXPECT_EQ(status_of(get("/rooms/red/seats/7?q=a+b%21")).body, "red,7,a b!");
  EXPECT_EQ(status_of(get("/nothing/here")).status(), "404");
  const auto refused = status_of("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(refused.status(), "405");
  EXPECT_TRUE(refused.has("Allow: GET, HEAD")) << refused.head;
  EXPECT_EQ(status_of(get("/hello")).body, "by GET");
  EXPECT_EQ(status_of("DELETE /any HTTP/1.1\r\nHost: a\r\n\r\n").body, "by DELETE");
  EXPECT_EQ(status_of(get("/branch/below")).body, "/branch|/below");
}

TEST_F(http_exchange, reads_and_sets_cookies) {
  client_.send_all(get("/cookie", "Cookie: other=1; name=va%20lue\r\n"));
  const auto got = read_answer(client_);
  EXPECT_EQ(got.body, "va lue");
  EXPECT_NE(got.head.find("Set-Cookie: seen=yes; path=/; httponly"), std::string::npos) << got.head;
}

TEST_F(http_exchange, hides_what_went_wrong) {
  client_.send_all(get("/throws"));
  const auto failed = read_answer(client_);
  EXPECT_EQ(failed.status(), "500");
  EXPECT_EQ(failed.body, R"({"type":"about:blank","title":"Internal Server Error","status":500})");
  client_.send_all(get("/teapot"));
  EXPECT_EQ(read_answer(client_).status(), "418");
  client_.send_all(get("/"));
  EXPECT_EQ(read_answer(client_).body, "root");
}

TEST_F(http_exchange, breaks_the_connection_when_an_answer_breaks) {
  for (const auto* target : {"/half", "/short"}) {
    auto client = raw_client::connect(server_.port());
    client.send_all(get(target));
    const auto text = client.read_to_eof();
    EXPECT_EQ(text.find("0\r\n\r\n"), std::string::npos) << text;
    EXPECT_TRUE(client.was_reset()) << target;
  }
}

TEST_F(http_exchange, waits_for_a_client_that_reads_late) {
  client_.send_all(get("/large"));
  const auto other = raw_client::connect(server_.port());
  EXPECT_EQ(read_answer(client_).body.size(), 10'000'000U);
}

TEST(http_details, are_shown_when_asked_for) {
  const test_server server([](web_application& app) {
    app.set_detailed_errors(true);
    app.map_get("/", [](http_context&) -> task<void> { throw std::runtime_error("the detail"); });
  });
  auto client = raw_client::connect(server.port());
  client.send_all(get("/", "Accept: text/plain\r\n"));
  EXPECT_EQ(read_answer(client).body, "500 Internal Server Error\nthe detail\n");
}

TEST(http_abort, is_signalled_when_the_client_goes) {
  for (const bool reset : {false, true}) {
    std::promise<void> started;
    std::promise<void> aborted;
    const test_server server([&](web_application& app) {
      app.map_get("/", [&](http_context& context) -> task<void> {
        completion_source<> gone;
        const std::stop_callback signal(context.request_aborted(),
                                        [gone]() mutable { gone.set_value(); });
        started.set_value();
        co_await gone;
        aborted.set_value();
      });
    });
    auto client = raw_client::connect(server.port());
    client.send_all(get("/"));
    started.get_future().wait();
    reset ? client.reset() : client.close();
    EXPECT_EQ(aborted.get_future().wait_for(patience), std::future_status::ready);
  }
}

TEST(http_files, are_served_with_ranges_and_conditions) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "saker-http-files";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "data.txt") << "0123456789";
  std::ofstream(folder.parent_path() / "saker-secret.txt") << "secret";
  const test_server server([&](web_application& app) {
    app.use_static_files({.root = folder, .cache_control = "no-cache"});
  });
  auto client = raw_client::connect(server.port());
  client.send_all(get("/data.txt"));
  const auto whole = read_answer(client);
  EXPECT_EQ(whole.body, "0123456789");
  EXPECT_TRUE(whole.has("Content-Type: text/plain")) << whole.head;
  EXPECT_TRUE(whole.has("Cache-Control: no-cache"));
  client.send_all(get("/data.txt", "Range: bytes=2-4\r\n"));
  const auto part = read_answer(client);
  EXPECT_EQ(part.status(), "206");
  EXPECT_EQ(part.body, "234");
  EXPECT_TRUE(part.has("Content-Range: bytes 2-4/10"));
  const auto at = whole.head.find("ETag: ") + 6;
  const auto tag = whole.head.substr(at, whole.head.find("\r\n", at) - at);
  client.send_all(get("/data.txt", "If-None-Match: " + tag + "\r\n"));
  EXPECT_EQ(read_answer(client, false).status(), "304");
  for (const auto* target : {"/../saker-secret.txt", "/%2e%2e/saker-secret.txt",
                             "/..%2fsaker-secret.txt", "/..%5csaker-secret.txt"}) {
    client.send_all(get(target));
    EXPECT_EQ(read_answer(client).status(), "404") << target;
  }
}

}  // namespace
}  // namespace saker::testing
