// What an application of a modern build tool needs, over both protocols.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <saker/saker.hpp>
#include <saker/signalr.hpp>

#include "support/h2_client.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

struct answer {
  std::string status;
  std::map<std::string, std::string> fields;  ///< Names in lower case.
  std::string body;

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

answer ask_http1(std::uint16_t port, const std::string& method, const std::string& target,
                 const h2::fields& fields) {
  auto client = raw_client::connect(port);
  std::string request = method + " " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
  for (const auto& [name, value] : fields) request += name + ": " + value + "\r\n";
  client.send_all(request + "\r\n");
  std::istringstream head(client.read_until("\r\n\r\n"));
  answer result;
  std::string line;
  std::getline(head, line);
  result.status = line.substr(9, 3);
  while (std::getline(head, line) && line != "\r") {
    auto name = line.substr(0, line.find(": "));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    result.fields[name] = line.substr(name.size() + 2, line.size() - name.size() - 3);
  }
  result.body = client.read_to_eof();
  return result;
}

answer ask_http2(std::uint16_t port, const std::string& method, const std::string& target,
                 const h2::fields& fields) {
  const auto client = h2_client::connect(port);
  auto all = h2::get(target);
  for (auto& [name, value] : all) {
    if (name == ":method") value = method;
  }
  all.insert(all.end(), fields.begin(), fields.end());
  const auto& stream = client->finished(client->request(all));
  answer result{stream.status(), {}, stream.data};
  for (const auto& [name, value] : stream.fields) result.fields[name] = value;
  return result;
}

class http_static_files : public ::testing::TestWithParam<bool> {
 protected:
  void configure(web_application& app) {
    app.map_fallback_to_file("index.html", {.root = site.file("")});
    app.map_fallback_to_file("/admin/{*path}", "admin.html",
                             {.root = site.file(""), .cache_control = "no-store"});
    app.map_fallback_to_file("/gone/{*path}", "gone.html", {.root = site.file("")});
    app.use_static_files({.root = site.file(""), .immutable_files = has_fingerprint});
    app.map("/branch", [](application_builder& branch) {
      branch.run([](http_context& context) { return context.response().send("branch"); });
    });
    app.map_get("/api/items/{id}",
                [](http_context& context) { return context.response().send("item"); });
    app.map_post("/login", [](http_context& context) { return context.response().send("in"); });
    app.map_websocket("/socket", [](websocket) -> task<void> { co_return; });
  }

  answer ask(const std::string& method, const std::string& target, const h2::fields& fields = {}) {
    return (GetParam() ? ask_http2 : ask_http1)(server.port(), method, target, fields);
  }
  answer get(const std::string& target, const h2::fields& fields = {}) {
    return ask("GET", target, fields);
  }

  void fill() {
    site.write("index.html", "<p>index");
    site.write("index.html.br", "index in br");
    site.write("admin.html", "<p>admin");
    site.write("dotnet.native.8kcnm3a4sf.wasm", std::string(200'000, 'w'));
    site.write("dotnet.native.8kcnm3a4sf.wasm.br", std::string(70'000, 'b'));
    site.write("readme", "no type");
  }

  temporary_directory site;
  test_server server{[this](web_application& app) {
    fill();
    configure(app);
  }};
};

std::string name_of(const ::testing::TestParamInfo<bool>& protocol) {
  return protocol.param ? "http2" : "http1";
}

TEST_P(http_static_files, sends_precompressed_files) {
  const std::string target = "/dotnet.native.8kcnm3a4sf.wasm";
  const auto br = get(target, {{"accept-encoding", "gzip, deflate, br, zstd"}});
  EXPECT_EQ(br.status, "200");
  EXPECT_EQ(br.body, std::string(70'000, 'b'));
  EXPECT_EQ(br.field("content-type"), "application/wasm");
  EXPECT_EQ(br.field("content-encoding"), "br");
  EXPECT_EQ(br.field("content-length"), "70000");
  EXPECT_EQ(br.field("vary"), "Accept-Encoding");
  EXPECT_EQ(br.field("cache-control"), "public, max-age=31536000, immutable");

  const auto plain = get(target);
  EXPECT_EQ(plain.body, std::string(200'000, 'w'));
  EXPECT_EQ(plain.field("vary"), "Accept-Encoding");
  EXPECT_EQ(plain.field("content-encoding"), "");
  EXPECT_NE(plain.field("etag"), br.field("etag"));

  const auto head = ask("HEAD", target, {{"accept-encoding", "br"}});
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.field("content-length"), "70000");
  EXPECT_EQ(head.field("content-encoding"), "br");

  const auto fresh = get(target, {{"accept-encoding", "br"}, {"if-none-match", br.field("etag")}});
  EXPECT_EQ(fresh.status, "304");
  EXPECT_EQ(fresh.field("vary"), "Accept-Encoding");
  EXPECT_EQ(fresh.field("etag"), br.field("etag"));

  const auto part = get(target, {{"accept-encoding", "br"}, {"range", "bytes=69990-"}});
  EXPECT_EQ(part.status, "206");
  EXPECT_EQ(part.body, "bbbbbbbbbb");
  EXPECT_EQ(part.field("content-encoding"), "br");
  EXPECT_EQ(part.field("vary"), "Accept-Encoding");
}

TEST_P(http_static_files, survives_garbage_for_codings) {
  for (const auto& garbage :
       {std::string(8 * 1024, ','), std::string(8 * 1024, '"'), "br;q=" + std::string(8'000, '9'),
        std::string("br;q=-1"), std::string(";;;q=0.5;;")}) {
    EXPECT_EQ(get("/index.html", {{"accept-encoding", garbage}}).status, "200");
  }
}

TEST_P(http_static_files, fallback_answers_what_nothing_else_does) {
  for (const auto* target : {"/", "/orders/7", "/orders/7/", "/login", "/readme", "/a?b=c.d"}) {
    const auto page = get(target);
    EXPECT_EQ(page.status, "200") << target;
    EXPECT_EQ(page.body, "<p>index") << target;
    EXPECT_EQ(page.field("content-type"), "text/html");
    EXPECT_EQ(page.field("cache-control"), "no-cache");
  }
  EXPECT_EQ(get("/admin/users").body, "<p>admin");
  EXPECT_EQ(get("/admin").field("cache-control"), "no-store");
  EXPECT_EQ(get("/gone/x").status, "404");
}

TEST_P(http_static_files, fallback_is_as_good_as_the_file) {
  const auto page = get("/orders", {{"accept-encoding", "br"}});
  EXPECT_EQ(page.body, "index in br");
  EXPECT_EQ(page.field("content-encoding"), "br");
  EXPECT_EQ(page.field("vary"), "Accept-Encoding");
  EXPECT_EQ(page.field("etag"), get("/index.html", {{"accept-encoding", "br"}}).field("etag"));
  const h2::fields again = {{"accept-encoding", "br"}, {"if-none-match", page.field("etag")}};
  EXPECT_EQ(get("/customers", again).status, "304");
  const auto head = ask("HEAD", "/orders");
  EXPECT_EQ(head.status, "200");
  EXPECT_EQ(head.field("content-length"), "8");
  EXPECT_EQ(head.body, "");
}

TEST_P(http_static_files, fallback_takes_nothing_from_others) {
  EXPECT_EQ(get("/index.html").field("cache-control"), "");
  EXPECT_EQ(get("/api/items/7").body, "item");
  EXPECT_EQ(get("/branch/x").body, "branch");
  EXPECT_EQ(get("/socket").status, "400");
  EXPECT_EQ(ask("POST", "/login").body, "in");
  for (const auto* target : {"/missing.js", "/orders/app.css", "/.env"}) {
    EXPECT_EQ(get(target).status, "404") << target;
  }
  for (const auto* method : {"POST", "DELETE", "OPTIONS"}) {
    EXPECT_EQ(ask(method, "/orders").status, "404") << method;
  }
  const auto refused = ask("POST", "/api/items/7");
  EXPECT_EQ(refused.status, "405");
  EXPECT_EQ(refused.field("allow"), "GET, HEAD");
}

TEST_P(http_static_files, fallback_follows_its_file) {
  EXPECT_EQ(get("/gone/x").status, "404");
  site.write("gone.html", "back");
  EXPECT_EQ(get("/gone/x").body, "back");
}

INSTANTIATE_TEST_SUITE_P(http, http_static_files, ::testing::Bool(), name_of);

TEST(http_fallback, takes_no_websocket) {
  const temporary_directory site;
  site.write("index.html", "<p>index");
  const test_server server([&](web_application& app) {
    app.map_fallback_to_file("index.html", {.root = site.file("")});
    app.map_websocket("/socket", [](websocket) -> task<void> { co_return; });
  });
  const h2::fields handshake = {{"Upgrade", "websocket"},
                                {"Connection", "Upgrade"},
                                {"Sec-WebSocket-Version", "13"},
                                {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  const auto ask = [&](const std::string& target) {
    auto client = raw_client::connect(server.port());
    std::string request = "GET " + target + " HTTP/1.1\r\nHost: a\r\n";
    for (const auto& [name, value] : handshake) request += name + ": " + value + "\r\n";
    client.send_all(request + "\r\n");
    return client.read_until("\r\n\r\n").substr(9, 3);
  };
  EXPECT_EQ(ask("/socket"), "101");
  EXPECT_EQ(ask("/other"), "404");

  const auto client = h2_client::connect(server.port());
  EXPECT_EQ(client->head(client->request(h2::connect("/socket"), false)).status(), "200");
  EXPECT_EQ(client->head(client->request(h2::connect("/other"), false)).status(), "404");
}

TEST(http_fallback, takes_no_endpoint_of_signalr) {
  const temporary_directory site;
  site.write("index.html", "<p>index");
  const test_server server([&](web_application& app) {
    app.map_fallback_to_file("index.html", {.root = site.file("")});
    app.add(signalr::map_connection("/chat",
                                    [](signalr::connection_context&) -> task<void> { co_return; }));
  });
  EXPECT_EQ(ask_http1(server.port(), "GET", "/chat/negotiate", {}).status, "405");
  EXPECT_EQ(ask_http1(server.port(), "POST", "/chat/negotiate?negotiateVersion=1", {}).status,
            "200");
  EXPECT_EQ(ask_http1(server.port(), "GET", "/chat", {}).status, "400");
  EXPECT_EQ(ask_http1(server.port(), "GET", "/chats", {}).body, "<p>index");
}

TEST(http_fallback, refuses_what_cannot_work) {
  const temporary_directory site;
  web_application app;
  const static_file_options here{.root = site.file("")};
  EXPECT_THROW(app.map_fallback_to_file("index.html", {.root = site.file("none")}),
               std::invalid_argument);
  for (const auto* name : {"", "/", "/index.html", "../index.html", ".hidden", "sub/", "a//b.html",
                           "no-type", "a.unknown"}) {
    EXPECT_THROW(app.map_fallback_to_file(name, here), std::invalid_argument) << name;
  }
  EXPECT_THROW(app.map_fallback_to_file("admin", "index.html", here), std::invalid_argument);
  app.map_fallback_to_file("index.html", here);
  EXPECT_THROW(app.map_fallback_to_file("other.html", here), std::invalid_argument);
}

}  // namespace
}  // namespace saker::testing
