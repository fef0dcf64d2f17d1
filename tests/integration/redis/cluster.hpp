#pragma once

#include <saker/async/sync_wait.hpp>
#include <saker/redis/redis_backplane.hpp>
#include <saker/signalr.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "signalr/hub_client.hpp"
#include "support/redis_server.hpp"
#include "support/test_server.hpp"

namespace saker::testing {

/// The hub of the backplane's tests. Its calls come from the test, through the hub_context.
class shared_hub : public signalr::hub {
 public:
  void say(std::string text) { clients().all().send("Note", std::move(text)); }
  task<void> join(std::string group) {
    auto joining = groups().add_to_group(context().connection_id(), group);
    co_await joining;
  }
  static void define(signalr::hub_methods<shared_hub>& methods) {
    methods.add("Say", &shared_hub::say).add("Join", &shared_hub::join);
  }
};

/// One server of several: its hub is called "Tests.SharedHub", its users say who they are in the
/// query.
class cluster_server {
 public:
  explicit cluster_server(
      const redis_server& redis,
      const std::function<void(signalr::redis_backplane_options&)>& configure = [](auto&) {})
      : server_([&](web_application& app) {
          signalr::redis_backplane_options options;
          options.url = redis.url();
          configure(options);
          app.add(signalr::redis_backplane(options));
          app.add(signalr::map_hub<shared_hub>("/hub", [](signalr::hub_endpoint_options& hub) {
            hub.hub.name = "Tests.SharedHub";
            hub.connection.websocket_close_timeout = std::chrono::milliseconds(100);
            hub.hub.user_id_provider = [](const auto&, const auto& request) {
              return std::string(request.query("user").value_or(""));
            };
          }));
        }) {}

  std::uint16_t port() const { return server_.port(); }
  web_application& app() noexcept { return server_.app(); }
  signalr::hub_clients clients() { return signalr::hub_context<shared_hub>(app()).clients(); }
  signalr::group_manager groups() { return signalr::hub_context<shared_hub>(app()).groups(); }
  signalr::redis_backplane_metrics metrics() { return signalr::redis_metrics(app()); }
  void stop() { server_.stop(); }

 private:
  test_server server_;
};

/// A client and its connection's id.
class cluster_client {
 public:
  explicit cluster_client(cluster_server& server, const std::string& user = {})
      : id_(negotiated(server.port())),
        client_(server.port(), "/hub?id=" + id_.second + (user.empty() ? "" : "&user=" + user)) {
    if (client_.handshake_answer() != "{}") throw std::runtime_error(client_.handshake_answer());
    // Answered once the connection is in the hub, and so reached by everybody.
    const auto joined = signalr::json::parse(client_.call("Join", "\"everybody\""));
    if (joined["type"] != 3 || joined.contains("error")) throw std::runtime_error(joined.dump());
  }

  const std::string& id() const noexcept { return id_.first; }
  hub_client& raw() noexcept { return client_; }
  /// The argument of the next call of Note.
  std::string note() {
    const auto message = signalr::json::parse(client_.read());
    if (message.value("target", "") != "Note") throw std::runtime_error(message.dump());
    return message["arguments"][0].get<std::string>();
  }

 private:
  static std::pair<std::string, std::string> negotiated(std::uint16_t port) {
    auto connection = raw_client::connect(port);
    connection.send_all(
        "POST /hub/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n");
    const auto answer = connection.read_to_eof();
    const auto body = signalr::json::parse(answer.substr(answer.find("\r\n\r\n")));
    return {body["connectionId"], body["connectionToken"]};
  }

  std::pair<std::string, std::string> id_;
  hub_client client_;
};

/// Waits, within limits, for what another process or thread does.
inline void wait_until(const std::function<bool()>& holds, const char* what) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error(what);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace saker::testing
