#include "io/listener.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <chrono>
#include <new>
#include <string>

#include <saker/async/event_loop.hpp>

#include "io/sockets.hpp"
#include "support/no_descriptors.hpp"

namespace saker::io {
namespace {

using namespace std::chrono_literals;

class listener_test : public ::testing::Test {
 protected:
  listener_test() : bound_(bind_tcp({"127.0.0.1", 0})) { start_listening(bound_.descriptor, 16); }
  ~listener_test() override { close_socket(client_); }

  /// What it waits for is in the backlog then.
  void connect() {
    client_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(bound_.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(client_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  void run_for(std::chrono::milliseconds time) {
    async::deadline end([](void* loop) { static_cast<event_loop*>(loop)->stop(); }, &loop_);
    end.set(loop_.state().deadlines(), time);
    loop_.run();
  }

  event_loop loop_;
  bound_socket bound_;
  int client_ = -1;
};

TEST_F(listener_test, goes_on_when_there_are_descriptors_again) {
  if (testing::needs_descriptors) GTEST_SKIP() << "The sanitizer needs descriptors.";
  int accepted = 0;
  listener tested(loop_, bound_.descriptor, [&](int descriptor) {
    close_socket(descriptor);
    ++accepted;
    loop_.stop();
  });
  connect();
  ::testing::internal::CaptureStdout();
  {
    const testing::no_descriptors scope;
    run_for(500ms);
  }
  EXPECT_EQ(accepted, 0);
  run_for(30s);
  EXPECT_EQ(accepted, 1);
  const auto log = ::testing::internal::GetCapturedStdout();
  EXPECT_NE(log.find("pauses for a moment"), std::string::npos) << log;
}

TEST_F(listener_test, outlives_whatever_its_server_throws) {
  int calls = 0;
  listener tested(loop_, bound_.descriptor, [&](int descriptor) {
    close_socket(descriptor);
    loop_.stop();
    ++calls;
    throw std::bad_alloc();
  });
  for (int i = 1; i <= 2; ++i) {
    connect();
    run_for(30s);
    EXPECT_EQ(calls, i);
    close_socket(client_);
  }
  client_ = -1;
}

}  // namespace
}  // namespace saker::io
