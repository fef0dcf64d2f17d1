// Newer credentials for a connection that is there: by POST .../refresh as .NET 11 has it, by
// polls, and by WebSockets that come back.

#include <gtest/gtest.h>

#include <saker/signalr.hpp>

#include <functional>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>

#include "signalr/hub_client.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;
namespace signalr = saker::signalr;

struct witness {
  std::counting_semaphore<> waiting{0};
  std::counting_semaphore<> refreshed{0};
  completion_source<> go_on;
};

class user_hub : public signalr::hub {
 public:
  explicit user_hub(std::shared_ptr<witness> seen) : seen_(std::move(seen)) {}

  std::string level() { return level_of(context().user()); }
  task<std::string> level_later() {
    seen_->waiting.release();
    const auto source = seen_->go_on;
    co_await source;
    co_return level_of(context().user());
  }
  task<void> on_authentication_refreshed() override {
    clients().caller().send("Refreshed", level_of(context().user()), context().user_identifier());
    seen_->refreshed.release();
    return {};
  }
  static void define(signalr::hub_methods<user_hub>& methods) {
    methods.add("Level", &user_hub::level).add("LevelLater", &user_hub::level_later);
  }

 private:
  static std::string level_of(const claims_principal& user) {
    return std::string(user.find_first("level").value_or("none"));
  }

  std::shared_ptr<witness> seen_;
};

/// "name level seconds": who a request comes from, and for how long.
claims_principal user_of(std::string_view text) {
  const auto name = text.substr(0, text.find(' '));
  const auto rest = text.substr(name.size() + 1);
  const auto level = rest.substr(0, rest.find(' '));
  claims_principal user({{"sub", std::string(name)}, {"level", std::string(level)}});
  user.set_expires(std::chrono::system_clock::now() +
                   std::chrono::seconds(std::stoi(std::string(rest.substr(level.size())))));
  return user;
}

class signalr_refresh : public ::testing::Test {
 protected:
  using configuration = std::function<void(signalr::connection_options&)>;

  test_server::configuration serving(const configuration& configure = [](auto&) {}) {
    return [this, configure](web_application& app) {
      app.use([](http_context& context, next rest) -> task<void> {
        const auto user = context.request().headers().get("X-User");
        if (!user.empty()) context.set_user(user_of(user));
        return rest();
      });
      app.add(signalr::map_hub<user_hub>(
          "/hub",
          [configure](signalr::hub_endpoint_options& options) {
            options.hub.maximum_parallel_invocations_per_client = 2;
            options.connection.enable_authentication_refresh = true;
            options.connection.allow_stateful_reconnects = true;
            configure(options.connection);
          },
          seen));
    };
  }

  std::shared_ptr<witness> seen = std::make_shared<witness>();
};

struct answer {
  int status = 0;
  std::string body;
  signalr::json json() const { return signalr::json::parse(body); }
};

answer ask(const test_server& server, const std::string& method, const std::string& target,
           std::string_view user, const std::string& body = {}) {
  auto client = raw_client::connect(server.port());
  client.send_all(method + " /hub" + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                  (user.empty() ? "" : "X-User: " + std::string(user) + "\r\n") +
                  "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto text = client.read_to_eof();
  return {std::stoi(text.substr(9, 3)), text.substr(text.find("\r\n\r\n") + 4)};
}

std::string negotiate(const test_server& server, std::string_view user,
                      const std::string& query = {}) {
  return ask(server, "POST", "/negotiate?negotiateVersion=1" + query, user)
      .json()
      .at("connectionToken")
      .get<std::string>();
}

ws_client open(const test_server& server, const std::string& token, std::string_view user) {
  return ws_client(server.port(), "/hub?id=" + token, {}, "X-User: " + std::string(user) + "\r\n");
}

const std::string end(1, '\x1e');
const std::string handshake = R"({"protocol":"json","version":1})" + end;

std::string invocation(std::string_view id, std::string_view target) {
  return R"({"type":1,"invocationId":")" + std::string(id) + R"(","target":")" +
         std::string(target) + R"(","arguments":[]})" + end;
}

std::string result(std::string_view id, std::string_view value) {
  return R"({"type":3,"invocationId":")" + std::string(id) + R"(","result":")" +
         std::string(value) + "\"}" + end;
}

TEST_F(signalr_refresh, is_seen_by_calls_that_begin_later) {
  test_server server(serving());
  const auto token = negotiate(server, "anna low 60");
  auto socket = open(server, token, "anna low 60");
  socket.send({.payload = handshake});
  EXPECT_EQ(socket.read_message().payload, "{}" + end);
  socket.send({.payload = invocation("1", "LevelLater")});
  ASSERT_TRUE(seen->waiting.try_acquire_for(patience));
  const auto told = ask(server, "POST", "/refresh?id=" + token, "anna high 600");
  ASSERT_EQ(told.status, 200) << told.body;
  EXPECT_FALSE(told.json().at("connectionId").get<std::string>().empty());
  const auto at = told.json().at("refreshedAt").get<std::string>();
  EXPECT_TRUE(at.starts_with("20") && at.ends_with("+00:00")) << at;
  EXPECT_NEAR(told.json().at("tokenLifetimeSeconds").get<int>(), 599, 10);
  EXPECT_EQ(socket.read_message().payload,
            R"({"type":1,"target":"Refreshed","arguments":["high","anna"]})" + end);
  seen->go_on.set_value();
  EXPECT_EQ(socket.read_message().payload, result("1", "low"));
  socket.send({.payload = invocation("2", "Level")});
  EXPECT_EQ(socket.read_message().payload, result("2", "high"));
}

TEST_F(signalr_refresh, takes_the_token_from_the_header_as_well) {
  test_server server(serving());
  const auto token = negotiate(server, "anna low 60");
  auto socket = open(server, token, "anna low 60");
  socket.send({.payload = handshake});
  EXPECT_EQ(socket.read_message().payload, "{}" + end);
  EXPECT_EQ(ask(server, "POST", "/refresh", "anna high 600\r\nX-SignalR-Connection-Token: " + token)
                .status,
            200);
  EXPECT_NE(socket.read_message().payload.find("Refreshed"), std::string::npos);
}

TEST_F(signalr_refresh, moves_the_end_of_the_credentials) {
  test_server server(
      serving([](auto& options) { options.close_on_authentication_expiration = true; }));
  const auto lasting = negotiate(server, "anna low 4");
  const auto ending = negotiate(server, "bert low 4");
  auto socket = open(server, lasting, "anna low 4");
  auto other = open(server, ending, "bert low 4");
  for (auto* each : {&socket, &other}) {
    each->send({.payload = handshake});
    EXPECT_EQ(each->read_message().payload, "{}" + end);
  }
  EXPECT_EQ(ask(server, "POST", "/refresh?id=" + lasting, "anna low 600").status, 200);
  EXPECT_NE(socket.read_message().payload.find("Refreshed"), std::string::npos);
  EXPECT_EQ(other.read_message().payload, R"({"type":7,"allowReconnect":true})" + end);
  socket.send({.payload = invocation("1", "Level")});
  EXPECT_EQ(socket.read_message().payload, result("1", "low"));
}

TEST_F(signalr_refresh, says_why_it_is_refused) {
  test_server server(serving([](auto& options) {
    options.on_authentication_refresh = [](const claims_principal&, const claims_principal& now) {
      if (now.has_claim("level", "broken")) throw std::runtime_error("on purpose");
      return !now.has_claim("level", "forged");
    };
  }));
  const auto token = negotiate(server, "anna low 60");
  const auto not_begun = negotiate(server, "anna low 60");
  auto socket = open(server, token, "anna low 60");
  socket.send({.payload = handshake});
  EXPECT_EQ(socket.read_message().payload, "{}" + end);
  const auto expect = [&](std::string_view user, const std::string& id, int status,
                          std::string_view error) {
    const auto told = ask(server, "POST", "/refresh" + id, user);
    EXPECT_EQ(told.status, status) << told.body;
    EXPECT_EQ(told.json().at("error"), error);
    EXPECT_TRUE(told.json().at("error_description").is_string());
  };
  expect("anna high 60", "", 400, "missing_connection_token");
  expect("anna high 60", "?id=nobody", 404, "connection_not_found");
  expect("anna high 60", "?id=" + not_begun, 404, "connection_not_found");
  expect("", "?id=" + token, 401, "invalid_token");
  expect("bert high 60", "?id=" + token, 403, "user_mismatch");
  expect("anna forged 60", "?id=" + token, 403, "refresh_refused");
  expect("anna broken 60", "?id=" + token, 403, "refresh_refused");
  EXPECT_EQ(ask(server, "GET", "/refresh?id=" + token, "anna high 60").status, 405);
  socket.send({.payload = invocation("1", "Level")});
  EXPECT_EQ(socket.read_message().payload, result("1", "low"));
}

TEST_F(signalr_refresh, is_not_there_unless_it_is_enabled) {
  test_server server(serving([](auto& options) { options.enable_authentication_refresh = false; }));
  const auto agreed = ask(server, "POST", "/negotiate?negotiateVersion=1", "anna low 60");
  EXPECT_FALSE(agreed.json().contains("tokenLifetimeSeconds"));
  EXPECT_EQ(ask(server, "POST", "/refresh?id=x", "anna low 60").status, 404);
}

TEST_F(signalr_refresh, is_announced_by_the_negotiation) {
  test_server server(serving());
  const auto agreed = ask(server, "POST", "/negotiate?negotiateVersion=1", "anna low 60").json();
  EXPECT_NEAR(agreed.at("tokenLifetimeSeconds").get<int>(), 59, 10);
  for (const auto* query : {"/negotiate", "/negotiate?negotiateVersion=0"}) {
    EXPECT_FALSE(ask(server, "POST", query, "anna low 60").json().contains("tokenLifetimeSeconds"));
  }
  EXPECT_FALSE(ask(server, "POST", "/negotiate?negotiateVersion=1", "")
                   .json()
                   .contains("tokenLifetimeSeconds"));
}

TEST_F(signalr_refresh, comes_with_polls_but_never_makes_another_user) {
  test_server server(serving());
  const auto target = "?id=" + negotiate(server, "anna low 60");
  EXPECT_EQ(ask(server, "GET", target, "anna low 60").status, 200);
  ask(server, "POST", target, "anna low 60", handshake);
  std::string all = ask(server, "GET", target, "anna high 600").body;
  ASSERT_TRUE(seen->refreshed.try_acquire_for(patience));
  for (const auto* other : {"bert high 6000", "bert high 60"}) {
    EXPECT_EQ(ask(server, "GET", target, other).status, 403);
  }
  ask(server, "POST", target, "anna high 600", invocation("1", "Level"));
  while (all.find("\"invocationId\"") == std::string::npos) {
    // One that was on its way before the newer credentials came.
    all += ask(server, "GET", target, "anna low 60").body;
  }
  EXPECT_EQ(all, "{}" + end + R"({"type":1,"target":"Refreshed","arguments":["high","anna"]})" +
                     end + result("1", "high"));
}

TEST_F(signalr_refresh, comes_with_a_websocket_that_comes_back) {
  test_server server(serving(), 2);
  const auto token = negotiate(server, "anna low 60", "&useStatefulReconnect=true");
  auto first = open(server, token, "anna low 60");
  first.send({.payload = R"({"protocol":"json","version":2})" + end});
  EXPECT_EQ(first.read_message().payload, "{}" + end);
  first.raw().reset();
  EXPECT_THROW(open(server, token, "bert high 60"), std::exception);
  auto second = open(server, token, "anna high 60");
  std::string all;
  second.send({.payload = R"({"type":9,"sequenceId":1})" + end + invocation("1", "Level")});
  while (all.find("\"invocationId\"") == std::string::npos) all += second.read_message().payload;
  EXPECT_NE(all.find(result("1", "high")), std::string::npos) << all;
  EXPECT_NE(all.find("Refreshed"), std::string::npos) << all;
}

}  // namespace
}  // namespace saker::testing
