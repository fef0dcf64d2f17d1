// HTTP/2 over real sockets: what well-behaved clients rely on.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

#include <saker/saker.hpp>

#include "support/h2_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

task<void> describe_request(http_context& context) {
  const auto& request = context.request();
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    text.append(name).append("=").append(value).append("\n");
  };
  add("method", request.method());
  add("protocol", request.protocol());
  add("scheme", request.scheme());
  add("host", request.host());
  add("path", request.path());
  add("query", request.query_string());
  add("target", request.target());
  add("cookie", request.headers().get("Cookie"));
  add("host-field", request.headers().get("Host"));
  co_await context.response().send(text);
}

class http2_exchange : public ::testing::Test {
 protected:
  void configure(web_application& app) {
    app.map_get("/hello", [](http_context& context) {
      return context.response().send("hello", "text/plain");
    });
    app.map("/describe", describe_request);
    app.map_post("/echo", [](http_context& context) -> task<void> {
      std::byte buffer[1000];
      for (;;) {
        const auto count = co_await context.request().read(buffer);
        if (count == 0) break;
        co_await context.response().write(std::span(buffer).first(count));
      }
      for (const auto& [name, value] : context.request().trailers()) {
        context.response().append_trailer("x-" + std::string(name), value);
      }
    });
    app.map_get("/large", [](http_context& context) -> task<void> {
      const std::string piece(10'000, 'x');
      for (int i = 0; i < 100; ++i) co_await context.response().write(piece);
      large_done_ = true;
    });
    app.map_get("/empty", [](http_context& context) -> task<void> {
      context.response().set_status(204);
      co_return;
    });
    app.map_get("/fields", [](http_context& context) -> task<void> {
      auto& fields = context.response().headers();
      fields.set("Connection", "close");
      fields.set("Transfer-Encoding", "chunked");
      fields.set("X-Mixed-Case", "Yes");
      fields.add("Set-Cookie", "a=b");
      co_await context.response().send("x");
    });
    app.map_get("/fails", [](http_context&) -> task<void> { throw http_error(418, "no"); });
    app.map_get("/fails-late", [](http_context& context) -> task<void> {
      co_await context.response().write("half");
      throw std::runtime_error("late");
    });
    app.map_get("/abort", [](http_context& context) -> task<void> {
      context.abort();
      co_return;
    });
    app.map_post("/ignore", [](http_context& context) { return context.response().send("ok"); });
  }

  static inline std::atomic<bool> large_done_ = false;
  test_server server_{[this](web_application& app) { configure(app); }};
};

TEST_F(http2_exchange, announces_its_settings_at_once) {
  h2_client client(raw_client::connect(server_.port()));
  client.send_bytes(h2::preface);
  client.wait_until([&] { return !client.server_settings().empty() && client.window() > 65'535; });
  const std::map<unsigned, std::uint32_t> wanted = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100},
                                                    {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 786'432},
                                                    {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 32'768},
                                                    {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1}};
  EXPECT_EQ(client.server_settings(), wanted);
  EXPECT_EQ(client.window(), 1'048'576);
  EXPECT_EQ(client.log().at(0).type, h2::settings);
  EXPECT_EQ(client.log().at(1).type, h2::window_update);
}

TEST_F(http2_exchange, recognises_a_preface_that_comes_byte_by_byte) {
  h2_client client(raw_client::connect(server_.port()));
  client.raw().send_byte_by_byte(std::string(h2::preface) + h2_frame{.type = h2::settings}.bytes());
  EXPECT_EQ(client.finished(client.request(h2::get("/hello"))).data, "hello");
}

TEST_F(http2_exchange, serves_http1_on_the_same_port) {
  auto client = raw_client::connect(server_.port());
  client.send_byte_by_byte("PRI");
  client.send_all("NT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.read_to_eof().starts_with("HTTP/1.1 404 "));
  auto other = raw_client::connect(server_.port());
  other.send_all("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(other.read_to_eof().ends_with("hello"));
}

TEST_F(http2_exchange, refuses_a_broken_preface) {
  auto client = raw_client::connect(server_.port());
  client.send_all("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
  EXPECT_TRUE(client.read_to_eof().starts_with("HTTP/1.1 "));
}

TEST_F(http2_exchange, wants_settings_first) {
  h2_client client(raw_client::connect(server_.port()));
  client.send_bytes(std::string(h2::preface) +
                    h2_frame{.type = h2::ping, .payload = "12345678"}.bytes());
  client.expect_connection_error(NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(http2_exchange, ends_a_tls_handshake_on_a_plain_port) {
  EXPECT_THROW({ raw_client::connect_tls(server_.port()); }, std::runtime_error);
}

TEST_F(http2_exchange, gives_the_request_as_http1_does) {
  const auto client = h2_client::connect(server_.port());
  auto fields = h2::get("/describe?a=%20b");
  fields[3].second = "example.com:80";
  fields.insert(fields.end(), {{"cookie", "a=1"}, {"host", "Example.com"}, {"cookie", "b=2"}});
  EXPECT_EQ(client->finished(client->request(fields)).data,
            "method=GET\nprotocol=HTTP/2\nscheme=http\nhost=example.com:80\npath=/describe\n"
            "query=a=%20b\ntarget=/describe?a=%20b\ncookie=a=1; b=2\nhost-field=example.com:80\n");
}

TEST_F(http2_exchange, takes_the_smallest_of_requests) {
  const auto client = h2_client::connect(server_.port());
  const auto id =
      client->request({{":method", "A"}, {":scheme", "http"}, {":path", "/"}, {":authority", "a"}});
  EXPECT_EQ(client->finished(id).status(), "404");
}

TEST_F(http2_exchange, takes_a_host_field_for_the_authority) {
  const auto client = h2_client::connect(server_.port());
  const auto id = client->request(
      {{":method", "GET"}, {":scheme", "http"}, {":path", "/describe"}, {"host", "example.com"}});
  EXPECT_NE(client->finished(id).data.find("host=example.com\n"), std::string::npos);
}

TEST_F(http2_exchange, answers_with_lower_case_fields_and_none_of_a_connection) {
  const auto client = h2_client::connect(server_.port());
  auto& answer = client->finished(client->request(h2::get("/fields")));
  EXPECT_EQ(answer.status(), "200");
  EXPECT_EQ(answer.field("x-mixed-case"), "Yes");
  EXPECT_EQ(answer.field("set-cookie"), "a=b");
  EXPECT_EQ(answer.field("server"), "Saker");
  EXPECT_EQ(answer.field("content-length"), "1");
  EXPECT_FALSE(answer.field("date").empty());
  EXPECT_EQ(answer.field("connection"), "");
  EXPECT_EQ(answer.field("transfer-encoding"), "");
}

TEST_F(http2_exchange, answers_head_and_204_without_data) {
  const auto client = h2_client::connect(server_.port());
  auto fields = h2::get("/hello");
  fields[0].second = "HEAD";
  auto& head = client->finished(client->request(fields));
  EXPECT_EQ(head.field("content-length"), "5");
  EXPECT_EQ(head.data, "");
  auto& empty = client->finished(client->request(h2::get("/empty")));
  EXPECT_EQ(empty.status(), "204");
  EXPECT_EQ(empty.field("content-length"), "");
}

TEST_F(http2_exchange, reads_a_body_in_frames_with_padding_and_trailers) {
  const auto client = h2_client::connect(server_.port());
  auto fields = h2::get("/echo");
  fields[0].second = "POST";
  const auto id = client->request(fields, false);
  client->send_data(id, "one ");
  client->send({.type = h2::data,
                .flags = h2::padded,
                .stream = id,
                .payload = std::string("\x03two\0\0\0", 7)});
  client->send({.type = h2::headers,
                .flags = h2::end_headers | h2::end_stream,
                .stream = id,
                .payload = h2::block({{"checksum", "42"}})});
  auto& answer = client->finished(id);
  EXPECT_EQ(answer.data, "one two");
  ASSERT_EQ(answer.trailers.size(), 1U);
  EXPECT_EQ(answer.trailers[0].first, "x-checksum");
  EXPECT_EQ(answer.trailers[0].second, "42");
}

TEST_F(http2_exchange, sends_100_continue_when_the_body_is_wanted) {
  const auto client = h2_client::connect(server_.port());
  auto fields = h2::get("/echo");
  fields[0].second = "POST";
  fields.emplace_back("expect", "100-continue");
  const auto id = client->request(fields, false);
  client->wait_until([&] { return !client->at_unlocked(id).interim.empty(); });
  client->send_data(id, "body", true);
  EXPECT_EQ(client->finished(id).data, "body");
}

TEST_F(http2_exchange, echoes_more_than_all_windows) {
  const auto client = h2_client::connect(server_.port());
  auto fields = h2::get("/echo");
  fields[0].second = "POST";
  const auto id = client->request(fields, false);
  const std::string body(3 * 1024 * 1024, 'b');
  client->send_data(id, body, true);
  EXPECT_TRUE(client->finished(id).data == body);
}

TEST_F(http2_exchange, keeps_to_the_windows_of_the_client) {
  large_done_ = false;
  const auto client = h2_client::connect(server_.port(), false,
                                         h2::setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 10));
  client->gives_windows_back = false;
  const auto id = client->request(h2::get("/large"));
  auto& answer = client->at(id);
  client->wait_until([&] { return answer.received == 10; });
  client->round_trip();
  EXPECT_EQ(answer.received, 10U);
  EXPECT_FALSE(large_done_) << "what the client does not take must stop the handler";
  // A window that shrinks below what was sent is not an error (RFC 9113, section 6.9.2).
  client->send({.type = h2::settings, .payload = h2::setting(4, 5)});
  client->send({.type = h2::window_update, .stream = id, .payload = h2::number(6)});
  client->wait_until([&] { return answer.received == 11; });
  client->send({.type = h2::window_update, .stream = id, .payload = h2::number(2'000'000)});
  client->wait_until([&] { return answer.received == 65'535; });
  client->round_trip();
  EXPECT_EQ(answer.received, 65'535U) << "the window of the connection";
  client->send({.type = h2::window_update, .payload = h2::number(2'000'000)});
  EXPECT_EQ(client->finished(id).received, 1'000'000U);
  EXPECT_TRUE(large_done_);
}

TEST_F(http2_exchange, shares_the_connection_among_many_streams) {
  const auto client = h2_client::connect(
      server_.port(), false, h2::setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 2'000'000));
  client->gives_windows_back = false;
  client->send({.type = h2::window_update, .payload = h2::number(1 << 30)});
  std::vector<std::uint32_t> ids;
  std::string requests;
  for (int i = 0; i < 10; ++i) {
    ids.push_back(client->next_stream());
    requests += h2_frame{.type = h2::headers,
                         .flags = h2::end_headers | h2::end_stream,
                         .stream = ids.back(),
                         .payload = h2::block(h2::get("/large"))}
                    .bytes();
  }
  client->send_bytes(requests);
  for (const auto id : ids) EXPECT_EQ(client->finished(id).received, 1'000'000U);
  // Nobody waits until another has got everything: each gets its first half before any is done.
  std::map<std::uint32_t, std::size_t> received;
  for (const auto& frame : client->log()) {
    if (frame.type != h2::data) continue;
    received[frame.stream] += frame.payload.size();
    if (!(frame.flags & h2::end_stream)) continue;
    for (const auto id : ids) EXPECT_GT(received[id], 500'000U) << id;
    break;
  }
}

TEST_F(http2_exchange, answers_a_large_response_behind_a_small_one) {
  const auto client = h2_client::connect(server_.port());
  client->gives_windows_back = false;
  const auto large = client->request(h2::get("/large"));
  client->wait_until([&] { return client->at_unlocked(large).received == 65'535; });
  // The window of the connection is used up: heads still come.
  auto fields = h2::get("/hello");
  fields[0].second = "HEAD";
  EXPECT_EQ(client->finished(client->request(fields)).status(), "200");
}

TEST_F(http2_exchange, turns_failures_into_answers) {
  const auto client = h2_client::connect(server_.port());
  EXPECT_EQ(client->finished(client->request(h2::get("/fails"))).status(), "418");
  EXPECT_EQ(client->finished(client->request(h2::get("/nowhere"))).status(), "404");
  client->expect_reset(client->request(h2::get("/fails-late")), NGHTTP2_INTERNAL_ERROR);
  client->expect_reset(client->request(h2::get("/abort")), NGHTTP2_INTERNAL_ERROR);
  EXPECT_EQ(client->finished(client->request(h2::get("/hello"))).data, "hello");
}

TEST_F(http2_exchange, tells_a_client_that_its_body_is_not_wanted) {
  const auto client = h2_client::connect(server_.port());
  auto fields = h2::get("/ignore");
  fields[0].second = "POST";
  const auto id = client->request(fields, false);
  auto& answer = client->finished(id);
  EXPECT_EQ(answer.data, "ok");
  EXPECT_TRUE(answer.ended) << "the answer comes before the reset";
  client->expect_reset(id, NGHTTP2_NO_ERROR);
  EXPECT_EQ(client->finished(client->request(h2::get("/hello"))).data, "hello");
}

TEST_F(http2_exchange, ignores_what_it_does_not_know) {
  const auto client = h2_client::connect(server_.port());
  client->send({.type = 0x42, .flags = 0xff, .stream = 0, .payload = "whatever"});
  client->send({.type = h2::settings, .payload = h2::setting(0x4242, 1)});
  client->send({.type = h2::ping, .flags = 0xfe, .payload = "12345678"});
  EXPECT_EQ(client->finished(client->request(h2::get("/hello"))).data, "hello");
}

TEST_F(http2_exchange, ignores_what_was_on_its_way_to_a_stream_that_it_has_reset) {
  const auto client = h2_client::connect(server_.port());
  auto fields = h2::get("/ignore");
  fields[0].second = "POST";
  const auto id = client->request(fields, false);
  client->expect_reset(id, NGHTTP2_NO_ERROR);
  client->send({.type = h2::data, .stream = id, .payload = "late"});
  client->send({.type = h2::headers,
                .flags = h2::end_headers | h2::end_stream,
                .stream = id,
                .payload = h2::block({{"late", "too"}})});
  EXPECT_EQ(client->finished(client->request(h2::get("/hello"))).data, "hello");
}

TEST_F(http2_exchange, takes_many_cookies_as_one_field) {
  const auto client = h2_client::connect(server_.port());
  auto fields = h2::get("/describe");
  std::string joined;
  for (int i = 0; i < 250; ++i) {
    const auto cookie = "c" + std::to_string(i) + "=1";
    fields.emplace_back("cookie", cookie);
    joined += (joined.empty() ? "" : "; ") + cookie;
  }
  const auto& answer = client->finished(client->request(fields));
  EXPECT_EQ(answer.status(), "200");
  EXPECT_NE(answer.data.find("cookie=" + joined + "\n"), std::string::npos);
}

TEST_F(http2_exchange, takes_a_head_in_many_pieces) {
  const auto client = h2_client::connect(server_.port());
  const auto block = h2::block(h2::get("/hello"));
  const auto id = client->next_stream();
  client->send(
      {.type = h2::headers, .flags = h2::end_stream, .stream = id, .payload = block.substr(0, 10)});
  client->send({.type = h2::continuation, .stream = id, .payload = block.substr(10, 10)});
  client->send({.type = h2::continuation,
                .flags = h2::end_headers,
                .stream = id,
                .payload = block.substr(20)});
  EXPECT_EQ(client->finished(id).data, "hello");
}

TEST_F(http2_exchange, says_goodbye_in_two_steps) {
  const auto client = h2_client::connect(server_.port());
  client->answers_pings = false;
  const auto before = client->finished(client->request(h2::get("/hello")));
  std::future<void> stopping = std::async(std::launch::async, [&] { server_.stop(); });
  client->wait_until([&] { return client->goaways_unlocked().size() == 1; });
  EXPECT_EQ(client->goaways_unlocked()[0].last_stream, 0x7fffffffU);
  EXPECT_EQ(client->goaways_unlocked()[0].code, 0U);
  // Sent before the client had seen it: still served.
  EXPECT_EQ(client->finished(client->request(h2::get("/hello"))).data, "hello");
  client->answer_last_ping();
  client->wait_until([&] { return client->is_closed_unlocked(); });
  EXPECT_EQ(client->goaways_unlocked().at(1).last_stream, 3U);
  EXPECT_EQ(client->goaways_unlocked().at(1).code, 0U);
  client->raw().close();
}

/// An answer to HEAD has no body whose writing would show that the client has gone.
TEST(http2_head, ends_a_handler_that_would_write_for_ever) {
  for (const bool client_stays : {true, false}) {
    std::promise<std::error_code> ended;
    test_server server([&](web_application& app) {
      app.map_get("/endless", [&](http_context& context) -> task<void> {
        try {
          for (;;) {
            co_await context.response().write("x");
            co_await delay(std::chrono::milliseconds(10));
          }
        } catch (const std::system_error& error) {
          ended.set_value(error.code());
          throw;
        }
      });
    });
    auto client = h2_client::connect(server.port());
    auto fields = h2::get("/endless");
    fields[0].second = "HEAD";
    EXPECT_EQ(client->finished(client->request(fields)).data, "");
    if (!client_stays) client.reset();
    auto result = ended.get_future();
    ASSERT_EQ(result.wait_for(patience), std::future_status::ready);
    EXPECT_TRUE(result.get());
  }
}

}  // namespace
}  // namespace saker::testing
