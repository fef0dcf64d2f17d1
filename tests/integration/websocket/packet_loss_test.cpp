// A path that loses every packet, without a FIN: two network namespaces and the cable between them.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>

#include "support/ws_client.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto interval = 500ms;
constexpr auto timeout = 500ms;

bool run(const std::string& command) {
  return std::system((command + " > /dev/null 2>&1").c_str()) == 0;
}

/// A thread in a network namespace of its own, which runs what it is given. Programs that it starts
/// are in the namespace too.
class secluded_thread {
 public:
  secluded_thread() {
    std::promise<bool> entered;
    auto result = entered.get_future();
    thread_ = std::thread([this, &entered] {
      id_ = ::gettid();
      entered.set_value(::unshare(CLONE_NEWNET) == 0);
      loop_.run();
    });
    entered_ = result.get();
  }
  ~secluded_thread() {
    loop_.stop();
    thread_.join();
  }
  secluded_thread(const secluded_thread&) = delete;
  secluded_thread& operator=(const secluded_thread&) = delete;

  bool is_secluded() const noexcept { return entered_; }
  pid_t id() const noexcept { return id_; }

  template <class Work>
  auto call(Work work) {
    auto done = std::make_shared<std::packaged_task<decltype(work())()>>(std::move(work));
    auto result = done->get_future();
    loop_.post([done] { (*done)(); });
    return result.get();
  }

 private:
  event_loop loop_;
  std::thread thread_;
  pid_t id_ = 0;
  bool entered_ = false;
};

int connect_to(const char* address, std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &to.sin_addr);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    throw std::system_error(errno, std::system_category());
  }
  const auto request = handshake_request("/ws");
  if (::send(descriptor, request.data(), request.size(), 0) < 0) {
    throw std::system_error(errno, std::system_category());
  }
  return descriptor;
}

TEST(websocket_packet_loss, is_noticed_in_time) {
  secluded_thread here;
  secluded_thread there;
  if (!here.is_secluded() || !there.is_secluded()) {
    GTEST_SKIP() << "skipped: this machine forbids network namespaces";
  }
  if (!here.call([] { return run("ip link add cable0 type veth peer name cable1"); })) {
    GTEST_SKIP() << "skipped: no program ip, or no cable between namespaces on this machine";
  }
  ASSERT_TRUE(here.call([&] {
    return run("ip link set cable1 netns " + std::to_string(there.id())) &&
           run("ip address add 10.99.0.1/24 dev cable0") && run("ip link set cable0 up");
  }));
  ASSERT_TRUE(there.call([] {
    return run("ip address add 10.99.0.2/24 dev cable1") && run("ip link set cable1 up");
  }));

  std::promise<void> opened;
  std::promise<std::string> failed;
  std::promise<void> aborted;
  websocket_options options;
  options.keep_alive_interval = interval;
  options.keep_alive_timeout = timeout;
  auto server = here.call([&] {
    auto app = std::make_unique<web_application>();
    app->set_urls("http://10.99.0.1:0").set_threads(1).set_log_level("off");
    app->use_websockets(options);
    app->map_websocket("/ws", [&](websocket& socket, http_context& context) -> task<void> {
      const std::stop_callback signal(context.request_aborted(), [&] { aborted.set_value(); });
      opened.set_value();
      failed.set_value(co_await failure_of([&] { return socket.receive_message(); }));
    });
    app->start();
    return app;
  });
  const auto url = server->urls().at(0);
  const auto port = static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
  const int client = there.call([&] { return connect_to("10.99.0.1", port); });
  ASSERT_EQ(opened.get_future().wait_for(patience), std::future_status::ready);

  const auto cut = std::chrono::steady_clock::now();
  ASSERT_TRUE(there.call([] { return run("ip link set cable1 down"); }));
  auto failure = failed.get_future();
  ASSERT_EQ(failure.wait_for(patience), std::future_status::ready);
  const auto noticed = std::chrono::steady_clock::now() - cut;
  EXPECT_EQ(failure.get(),
            "The WebSocket received no Pong in answer to a Ping within the configured "
            "keep_alive_timeout.");
  EXPECT_EQ(aborted.get_future().wait_for(patience), std::future_status::ready);
  EXPECT_LE(noticed, interval + timeout + 1s);
  ::close(client);
}

}  // namespace
}  // namespace saker::testing
