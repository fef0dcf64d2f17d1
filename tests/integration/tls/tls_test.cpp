// TLS over real sockets.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include <saker/saker.hpp>

#include "support/h2_client.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_certificate.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

std::string describe_connection(http_context& context) {
  const auto connection = context.connection();
  const auto* const client = connection.client_certificate();
  return std::string(context.request().scheme()) + " " + std::string(connection.tls_version()) +
         " name=" + std::string(connection.server_name()) +
         " client=" + (client ? client->subject : "none") +
         (connection.is_resumed() ? " resumed" : "");
}

class tls_endpoint : public ::testing::Test {
 protected:
  tls_certificate write(const std::string& name, const test_certificate& made,
                        std::string host = {}) {
    tls_certificate written;
    written.host = std::move(host);
    written.certificate_file = files_.write(name + ".crt", made.certificate_pem());
    written.key_file = files_.write(name + ".key", made.key_pem());
    return written;
  }
  void start(tls_options options) {
    server_ = std::make_unique<test_server>([&](web_application& app) {
      app.set_urls("https://127.0.0.1:0");
      app.use_https(std::move(options));
      app.map_get("/", [](http_context& context) {
        return context.response().send(describe_connection(context));
      });
      app.map_get("/wait", [this](http_context& context) -> task<void> {
        co_await go_on_;
        co_await context.response().send("done");
      });
    });
  }
  raw_client connect(const tls_client_options& options = {}) {
    return raw_client::connect_tls(server_->port(), options);
  }
  static std::string ask(raw_client& client) {
    client.send_all("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto head = client.read_until("\r\n\r\n");
    return client.read_exactly(std::stoul(head.substr(head.find("Content-Length: ") + 16)));
  }
  std::string ask(const tls_client_options& options = {}) {
    auto client = connect(options);
    return ask(client);
  }
  void expect_refused(const tls_client_options& options) {
    // With TLS 1.3 a client learns only later that its certificate was not enough.
    EXPECT_THROW(
        {
          auto client = connect(options);
          client.send_all("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
          client.read_until("\r\n\r\n");
        },
        std::runtime_error);
  }

  temporary_directory files_;
  completion_source<> go_on_;
  std::unique_ptr<test_server> server_;
};

TEST_F(tls_endpoint, serves_both_versions) {
  start({.certificates = {write("server", test_certificate::for_server("one"))}});
  EXPECT_EQ(ask(), "https TLSv1.3 name= client=none");
  EXPECT_EQ(ask({.greatest_version = TLS1_2_VERSION}), "https TLSv1.2 name= client=none");
  expect_refused({.greatest_version = TLS1_1_VERSION});
}

TEST_F(tls_endpoint, agrees_on_the_protocol) {
  start({.certificates = {write("server", test_certificate::for_server("one"))}});
  EXPECT_EQ(connect({.protocol = "h2"}).tls()->protocol(), "h2");
  EXPECT_EQ(connect({.protocol = "http/1.1"}).tls()->protocol(), "http/1.1");
  EXPECT_EQ(ask({.protocol = ""}), "https TLSv1.3 name= client=none");
  EXPECT_THROW({ connect({.protocol = "smtp"}); }, std::runtime_error);
  const auto client = h2_client::connect(server_->port(), true);
  EXPECT_EQ(client->finished(client->request(h2::get("/", "https"))).data,
            "https TLSv1.3 name= client=none");
  // A bad preface where HTTP/2 was agreed on.
  h2_client bad(connect({.protocol = "h2"}));
  bad.send_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  bad.expect_connection_error(NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(tls_endpoint, takes_keys_with_passwords_and_pkcs12) {
  const auto made = test_certificate::for_server("locked");
  tls_certificate pem;
  pem.certificate_file = files_.write("both.pem", made.certificate_pem() + made.key_pem("secret"));
  pem.password = "secret";
  start({.certificates = {pem}});
  EXPECT_EQ(connect().tls()->server_subject(), "CN=locked");
  tls_certificate store;
  store.certificate_file = files_.write("store.p12", made.pkcs12("secret"));
  store.password = "secret";
  start({.certificates = {store}});
  EXPECT_EQ(connect().tls()->server_subject(), "CN=locked");
}

TEST_F(tls_endpoint, names_the_file_that_cannot_be_used) {
  const auto one = test_certificate::for_server("one");
  const auto other = test_certificate::for_server("other");
  const auto refused = [&](const tls_certificate& bad) -> std::string {
    try {
      start({.certificates = {bad}});
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "nothing";
  };
  auto mixed = write("mixed", one);
  mixed.key_file = files_.write("other.key", other.key_pem());
  EXPECT_NE(refused(mixed).find("other.key"), std::string::npos);
  auto missing = write("missing", one);
  missing.certificate_file = files_.file("nowhere.crt");
  EXPECT_NE(refused(missing).find("nowhere.crt"), std::string::npos);
  tls_certificate locked;
  locked.certificate_file = files_.write("store.p12", one.pkcs12("secret"));
  locked.password = "wrong";
  EXPECT_NE(refused(locked).find("store.p12"), std::string::npos);
  EXPECT_NE(refused(locked).find("password"), std::string::npos);
}

TEST_F(tls_endpoint, chooses_the_certificate_by_name) {
  start({.certificates = {
             write("default", test_certificate::for_server("default")),
             write("exact", test_certificate::for_server("exact"), "www.example.com"),
             write("suffix", test_certificate::for_server("suffix"), "*.example.com"),
             write("longer", test_certificate::for_server("longer"), "*.eu.example.com"),
         }});
  const auto subject_for = [&](const std::string& name) {
    return connect({.server_name = name}).tls()->server_subject();
  };
  EXPECT_EQ(subject_for(""), "CN=default");
  EXPECT_EQ(subject_for("www.example.com"), "CN=exact");
  EXPECT_EQ(subject_for("WWW.Example.COM"), "CN=exact");
  EXPECT_EQ(subject_for("shop.example.com"), "CN=suffix");
  EXPECT_EQ(subject_for("a.b.example.com"), "CN=suffix");
  EXPECT_EQ(subject_for("shop.eu.example.com"), "CN=longer");
  EXPECT_EQ(subject_for("example.com"), "CN=default");
  EXPECT_EQ(subject_for("notexample.com"), "CN=default");
  EXPECT_EQ(ask({.server_name = "shop.example.com"}),
            "https TLSv1.3 name=shop.example.com client=none");
}

TEST_F(tls_endpoint, refuses_names_that_nobody_is_for) {
  start(
      {.certificates = {write("exact", test_certificate::for_server("exact"), "www.example.com")}});
  EXPECT_EQ(connect({.server_name = "www.example.com"}).tls()->server_subject(), "CN=exact");
  expect_refused({.server_name = "other.example.com"});
  expect_refused({});
}

TEST_F(tls_endpoint, asks_for_client_certificates) {
  const auto authority = test_certificate::authority("authority");
  const auto alice = authority.issue_client("alice");
  const auto mallory = test_certificate::authority("impostor").issue_client("mallory");
  const auto shown = [](const test_certificate& own) {
    tls_client_options options;
    options.certificate_pem = own.certificate_pem();
    options.key_pem = own.key_pem();
    return options;
  };
  tls_options options;
  options.certificates = {write("server", test_certificate::for_server("server"))};
  options.client_certificate_authorities = files_.write("ca.crt", authority.certificate_pem());
  options.client_certificates = client_certificate_mode::allow;
  start(options);
  EXPECT_EQ(ask(), "https TLSv1.3 name= client=none");
  EXPECT_EQ(ask(shown(alice)), "https TLSv1.3 name= client=CN=alice");
  expect_refused(shown(mallory));
  options.client_certificates = client_certificate_mode::require;
  start(options);
  expect_refused({});
  expect_refused(shown(mallory));
  EXPECT_EQ(ask(shown(alice)), "https TLSv1.3 name= client=CN=alice");
  auto old = shown(alice);
  old.greatest_version = TLS1_2_VERSION;
  EXPECT_EQ(ask(old), "https TLSv1.2 name= client=CN=alice");
  options.client_certificates = client_certificate_mode::none;
  start(options);
  EXPECT_EQ(ask(shown(mallory)), "https TLSv1.3 name= client=none");
}

TEST_F(tls_endpoint, resumes_sessions) {
  const auto authority = test_certificate::authority("authority");
  const auto alice = authority.issue_client("alice");
  tls_options options;
  options.certificates = {write("server", test_certificate::for_server("server"))};
  options.client_certificate_authorities = files_.write("ca.crt", authority.certificate_pem());
  options.client_certificates = client_certificate_mode::allow;
  start(options);
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    tls_client_options with;
    with.certificate_pem = alice.certificate_pem();
    with.key_pem = alice.key_pem();
    with.greatest_version = version;
    auto first = connect(with);
    ask(first);
    ASSERT_TRUE(first.tls()->session());
    tls_client_options again;
    again.greatest_version = version;
    again.resumed = first.tls()->session();
    auto second = connect(again);
    EXPECT_TRUE(second.tls()->was_resumed());
    EXPECT_NE(ask(second).find("client=CN=alice resumed"), std::string::npos)
        << "the ticket says who it is";
  }
}

/// A session is worth what a full handshake would be now, in both versions and modes.
class tls_trust : public tls_endpoint, public ::testing::WithParamInterface<int> {
 protected:
  void start_with(const test_certificate& authority, client_certificate_mode mode) {
    tls_options options;
    options.certificates = {write("server", test_certificate::for_server("server"))};
    options.client_certificate_authorities = files_.write("ca.crt", authority.certificate_pem());
    options.client_certificates = mode;
    start(options);
  }
  static tls_client_options shown(const test_certificate& own) {
    tls_client_options options;
    options.certificate_pem = own.certificate_pem();
    options.key_pem = own.key_pem();
    options.greatest_version = GetParam();
    return options;
  }
  /// What the server says of a client, or "refused".
  std::string said_of(const tls_client_options& options) {
    try {
      return ask(options);
    } catch (const std::runtime_error&) {
      return "refused";
    }
  }
  bool comes_true(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
      if (condition()) return true;
    }
    return false;
  }
};

TEST_P(tls_trust, ends_the_tickets_of_an_authority_that_was_removed) {
  const auto first = test_certificate::authority("first");
  const auto alice = shown(first.issue_client("alice"));
  for (const auto mode : {client_certificate_mode::require, client_certificate_mode::allow}) {
    start_with(first, mode);
    auto client = connect(alice);
    EXPECT_TRUE(ask(client).ends_with("client=CN=alice"));
    auto again = alice;
    again.resumed = client.tls()->session();
    EXPECT_TRUE(said_of(again).ends_with("client=CN=alice resumed"));
    files_.write("ca.crt", test_certificate::authority("second").certificate_pem());
    ASSERT_TRUE(comes_true([&] { return said_of(alice) == "refused"; }));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(said_of(again), "refused");
    // Without the certificate, the ticket alone proves nothing any more.
    tls_client_options ticket_only;
    ticket_only.greatest_version = GetParam();
    ticket_only.resumed = again.resumed;
    const auto said = said_of(ticket_only);
    EXPECT_TRUE(mode == client_certificate_mode::require ? said == "refused"
                                                         : said.ends_with("client=none"))
        << said;
    // The other way round the connection that is open stays.
    EXPECT_TRUE(ask(client).ends_with("client=CN=alice"));
  }
}

TEST_P(tls_trust, ends_the_tickets_of_a_certificate_that_has_expired) {
  const auto authority = test_certificate::authority("authority");
  start_with(authority, client_certificate_mode::require);
  auto again = shown(authority.issue_client("nobody"));
  // On a machine that is slow it must live longer to be seen alive.
  for (auto lifetime = 2s; !again.resumed && lifetime < 60s; lifetime *= 2) {
    try {
      again = shown(authority.issue_client("alice", lifetime));
      auto client = connect(again);
      if (ask(client).ends_with("client=CN=alice")) again.resumed = client.tls()->session();
    } catch (const std::runtime_error&) {
    }
  }
  ASSERT_TRUE(again.resumed);
  EXPECT_TRUE(comes_true([&] { return said_of(again) == "refused"; }));
  EXPECT_EQ(said_of(again), "refused");
}

INSTANTIATE_TEST_SUITE_P(versions, tls_trust, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_F(tls_endpoint, loads_changed_certificates_and_keeps_connections) {
  auto files = write("server", test_certificate::for_server("old"));
  start({.certificates = {files}});
  auto open = connect();
  EXPECT_EQ(open.tls()->server_subject(), "CN=old");
  tls_client_options again;
  ask(open);
  again.resumed = open.tls()->session();
  // One file after the other: in between they do not fit together, and the old ones go on.
  const auto fresh = test_certificate::for_server("fresh");
  files_.write("server.crt", fresh.certificate_pem());
  const auto subject_becomes = [&](const std::string& wanted) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
      if (connect().tls()->server_subject() == wanted) return true;
    }
    return false;
  };
  EXPECT_EQ(connect().tls()->server_subject(), "CN=old");
  files_.write("server.key", fresh.key_pem());
  EXPECT_TRUE(subject_becomes("CN=fresh"));
  EXPECT_EQ(ask(open), "https TLSv1.3 name= client=none");
  EXPECT_TRUE(connect(again).tls()->was_resumed()) << "tickets outlive the files";
}

TEST_F(tls_endpoint, tells_those_who_do_not_speak_it) {
  start({.certificates = {write("server", test_certificate::for_server("one"))}});
  for (const std::string request : {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n"}) {
    auto client = raw_client::connect(server_->port());
    client.send_all(request);
    const auto answer = client.read_to_eof();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("A plain HTTP request was sent to an HTTPS endpoint.\n"));
  }
  auto garbage = raw_client::connect(server_->port());
  garbage.send_all(std::string("\x16\x03\x01\xff\xff") + std::string(100, 'x'));
  garbage.read_to_eof();
}

TEST_F(tls_endpoint, limits_the_time_of_the_handshake) {
  start({.certificates = {write("server", test_certificate::for_server("one"))},
         .handshake_timeout = 1s});
  auto silent = raw_client::connect(server_->port());
  EXPECT_EQ(silent.read_to_eof(), "");
  auto halting = raw_client::connect(server_->port());
  halting.send_all("\x16\x03\x01");
  EXPECT_EQ(halting.read_to_eof(), "");
  EXPECT_EQ(ask(), "https TLSv1.3 name= client=none");
}

TEST_F(tls_endpoint, carries_large_bodies_both_ways) {
  test_server server(test_server::secure{}, [](web_application& app) {
    app.map("/echo", [](http_context& context) -> task<void> {
      co_await context.response().send(co_await context.request().read_all(20'000'000));
    });
  });
  auto client = raw_client::connect_tls(server.port());
  std::string body(5'000'000, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i * 7 % 26);
  client.send_all("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n");
  client.send_all(body);
  client.read_until("\r\n\r\n");
  EXPECT_TRUE(client.read_exactly(body.size()) == body);
}

TEST_F(tls_endpoint, ends_in_order) {
  start({.certificates = {write("server", test_certificate::for_server("one"))}});
  auto client = connect();
  client.send_all("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  client.read_to_eof();
  EXPECT_FALSE(client.was_reset()) << "close_notify comes before the end";
  // A client that ends its side gets the answer that it waits for.
  auto other = connect();
  other.send_all("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  other.half_close();
  go_on_.set_value();
  EXPECT_TRUE(other.read_to_eof().ends_with("done"));
}

TEST_F(tls_endpoint, answers_all_requests_that_came_before_close_notify) {
  start({.certificates = {write("server", test_certificate::for_server("one"))}});
  auto client = connect();
  std::string requests = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";
  for (int i = 0; i < 3; ++i) requests += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  client.send_all(requests);
  client.half_close();
  go_on_.set_value();
  const auto answers = client.read_to_eof();
  std::size_t count = 0;
  for (auto at = answers.find("HTTP/1.1 200"); at != std::string::npos;
       at = answers.find("HTTP/1.1 200", at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, 4U) << answers;
}

TEST_F(tls_endpoint, takes_a_head_as_large_as_the_limit_allows) {
  test_server server(test_server::secure{}, [](web_application& app) {
    http_limits limits;
    limits.max_request_headers_total_size = 400'000;
    limits.max_request_header_count = 1000;
    app.set_limits(limits);
    app.map("/", [](http_context& context) -> task<void> {
      co_await context.response().send(std::to_string(context.request().headers().get("X").size()));
    });
  });
  auto client = raw_client::connect_tls(server.port());
  client.send_all("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: " +
                  std::string(300'000, 'x') + "\r\n\r\n");
  const auto answer = client.read_to_eof();
  EXPECT_TRUE(answer.ends_with("\r\n\r\n300000")) << answer;
}

}  // namespace
}  // namespace saker::testing
