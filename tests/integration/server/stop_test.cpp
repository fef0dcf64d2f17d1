// The end of a server: what is told, what is waited for, what is cut off.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <saker/async/completion_source.hpp>
#include <saker/saker.hpp>
#include <saker/signalr.hpp>

#include "support/raw_client.hpp"
#include "support/test_server.hpp"
#include "support/ws_client.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

/// A stop that waits for its deadline never ends in a test.
constexpr auto no_deadline = 24h;

/// The stop ends by itself, and nothing was cut off.
void expect_end(test_server& server) {
  server.app().stop();
  auto ended = std::async(std::launch::async, [&] { return server.app().wait(); });
  ASSERT_EQ(ended.wait_for(2 * patience), std::future_status::ready);
  EXPECT_TRUE(ended.get());
}

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

/// Opened by the test; handlers wait for it.
class gate {
 public:
  completion_source<>& opened() noexcept { return opened_; }
  void open() { opened_.set_value(); }
  void entered() { entered_.set_value(); }
  void wait_until_entered() { ASSERT_EQ(future_.wait_for(patience), std::future_status::ready); }

 private:
  completion_source<> opened_;
  std::promise<void> entered_;
  std::future<void> future_ = entered_.get_future();
};

class server_stop_over : public ::testing::TestWithParam<carrier> {};

TEST_P(server_stop_over, tells_a_socket_that_is_accepted_afterwards) {
  gate accepting;
  const auto configure = [&](web_application& app) {
    app.set_shutdown_timeout(no_deadline);
    app.use_websockets();
    app.map("/ws", [&](http_context& context) -> task<void> {
      accepting.entered();
      co_await accepting.opened();
      auto socket = co_await context.websockets().accept();
      const auto message = co_await socket.receive_message();
      EXPECT_TRUE(message.is_close());
    });
  };
  std::optional<test_server> server;
  if (has_tls(GetParam())) {
    server.emplace(test_server::secure{}, configure);
  } else {
    server.emplace(configure);
  }
  auto connecting = std::async(std::launch::async,
                               [&] { return ws_client::over(GetParam(), server->port(), "/ws"); });
  accepting.wait_until_entered();
  server->app().stop();
  accepting.open();
  auto client = connecting.get();
  const auto frame = client.read_frame();
  EXPECT_EQ(frame.opcode, 8U);
  EXPECT_EQ(frame.payload, close_payload(1001));
  client.send({.opcode = 8, .payload = close_payload(1001)});
  expect_end(*server);
}

INSTANTIATE_TEST_SUITE_P(carriers, server_stop_over, ::testing::ValuesIn(every_carrier),
                         [](const auto& each) { return to_string(each.param); });

TEST(server_stop, does_not_wait_for_the_answer_to_a_close_that_was_sent_before) {
  std::promise<void> ended;
  test_server server([&](web_application& app) {
    app.set_shutdown_timeout(no_deadline);
    app.map_websocket("/ws", [&](websocket socket) -> task<void> {
      co_await socket.close_output();
      try {
        co_await socket.receive_message();
      } catch (const websocket_error&) {
        ended.set_value();
        throw;
      }
    });
  });
  ws_client client(server.port());
  EXPECT_EQ(client.read_frame().payload, close_payload(1000));
  expect_end(server);
  EXPECT_EQ(ended.get_future().wait_for(0s), std::future_status::ready);
}

/// Each is given a second; several, because a socket that is looked at in a good moment ends.
TEST(server_stop, does_not_wait_for_peers_that_flood_and_never_answer) {
  test_server server([](web_application& app) {
    app.set_shutdown_timeout(15s);
    app.map_websocket("/ws", [](websocket& socket) { return receive_until_close(socket); });
  });
  std::string frames;
  while (frames.size() < 60'000) frames += std::string_view("\x82\x80\0\0\0\0", 6);
  std::vector<std::future<void>> floods;
  for (int i = 0; i < 8; ++i) {
    floods.push_back(
        std::async(std::launch::async, [&, client = ws_client(server.port())]() mutable {
          try {
            for (;;) client.channel().send_all(frames);
          } catch (const std::runtime_error&) {
            // The server has ended the connection.
          }
        }));
  }
  expect_end(server);
}

TEST(server_stop, ends_an_event_stream_that_watches_for_it) {
  test_server server([](web_application& app) {
    app.set_shutdown_timeout(no_deadline);
    app.map_get("/events", [](http_context& context) -> task<void> {
      context.response().set_content_type("text/event-stream");
      co_await context.response().write("data: first\n\n");
      while (!co_await wait_for_stop(context.stopping(), 20ms)) {
        co_await context.response().write("data: next\n\n");
      }
      co_await context.response().write("data: bye\n\n");
    });
  });
  auto client = raw_client::connect(server.port());
  client.send_all(get("/events"));
  client.read_until("data: next\n\n");
  server.app().stop();
  const auto rest = client.read_to_eof();
  EXPECT_TRUE(rest.ends_with("data: bye\n\n\r\n0\r\n\r\n")) << rest;
  client.close();
  expect_end(server);
}

TEST(server_stop, signals_a_handler_on_its_own_loop_which_may_end_it) {
  gate waiting;
  std::promise<bool> on_loop;
  test_server server(
      [&](web_application& app) {
        app.set_shutdown_timeout(no_deadline);
        app.map_get("/", [&](http_context& context) -> task<void> {
          completion_source<> stopped;
          // The handler, its context and this callback are gone before `request_stop` returns.
          const std::stop_callback signal(context.stopping(), [&] {
            on_loop.set_value(context.loop().is_current());
            stopped.set_value();
          });
          waiting.entered();
          co_await stopped;
        });
      },
      2);
  auto client = raw_client::connect(server.port());
  client.send_all(get("/"));
  waiting.wait_until_entered();
  bool before = false;
  const std::stop_callback signal(server.app().stopping(), [&] { before = true; });
  server.app().stop();
  EXPECT_TRUE(before) << "the callbacks of the application run inside stop";
  EXPECT_TRUE(client.read_to_eof().starts_with("HTTP/1.1 200 "));
  client.close();
  EXPECT_TRUE(on_loop.get_future().get());
  expect_end(server);
}

TEST(server_stop, keeps_every_loop_until_the_last_handler_has_ended) {
  const auto path = ::testing::TempDir() + "saker-stop-" + std::to_string(::getpid()) + ".sock";
  std::atomic<event_loop*> first = nullptr;
  gate waiting;
  test_server server(
      [&](web_application& app) {
        app.set_urls("http://unix:" + path);
        app.set_shutdown_timeout(no_deadline);
        app.map_get("/", [&](http_context& context) -> task<void> {
          if (!first) {
            first = &context.loop();
          } else {
            waiting.entered();
            // Long enough for the other loop, which has nothing to do, to be told of the stop.
            co_await wait_for_stop(context.stopping());
            co_await delay(300ms);
            completion_source<> reached;
            first.load()->post([&] { reached.set_value(); });
            co_await reached;
          }
          co_await context.response().send("done");
        });
      },
      2);
  // Connections are dealt out in turns.
  for (const bool is_first : {true, false}) {
    auto client = raw_client::connect_unix(path);
    client.send_all(get("/"));
    if (is_first) {
      client.read_until("done");
      continue;
    }
    waiting.wait_until_entered();
    server.app().stop();
    client.read_until("done");
    client.close();
  }
  expect_end(server);
}

TEST(server_stop, comes_before_the_start_or_twice) {
  web_application app;
  app.set_urls("http://127.0.0.1:0").set_log_level("off").set_shutdown_timeout(no_deadline);
  app.stop();
  app.stop();
  app.start();
  EXPECT_TRUE(app.wait());
  EXPECT_TRUE(app.wait());
}

TEST(server_stop, does_not_wait_for_those_who_neither_ask_nor_read_nor_leave) {
  constexpr std::size_t more_than_fits = 30'000'000;
  test_server server([](web_application& app) {
    http_limits limits;
    limits.max_response_buffer_size = std::nullopt;
    app.set_limits(limits).set_shutdown_timeout(no_deadline);
    app.map("/", [](http_context& context) {
      return context.response().send(std::string(more_than_fits, 'x'));
    });
    app.map("/small", [](http_context& context) { return context.response().send("x"); });
  });
  auto idle = raw_client::connect(server.port());
  auto half_a_head = raw_client::connect(server.port());
  half_a_head.send_all("GET / HTTP/1.1\r\nHo");
  auto unread = raw_client::connect_with_small_buffer(server.port());
  unread.send_all(get("/"));
  EXPECT_EQ(unread.read_exactly(8), "HTTP/1.1");
  auto half_a_body = raw_client::connect(server.port());
  half_a_body.send_all("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx");
  half_a_body.read_until("\r\n\r\n");
  const auto http2 = h2_client::connect(server.port());
  http2->answers_pings = false;
  http2->request(h2::get("/"));
  expect_end(server);
}

/// Handlers that wait for their clients, which have time by these limits, and have bought more.
class waiting_server {
 public:
  waiting_server() : server_([this](web_application& app) { configure(app); }) {}

  test_server& server() noexcept { return server_; }
  std::uint16_t port() const { return server_.port(); }
  void wait_until_waiting(int handlers) {
    for (int i = 0; i < handlers; ++i) ASSERT_TRUE(waiting_.try_acquire_for(patience));
  }

 private:
  void configure(web_application& app) {
    http_limits limits;
    limits.min_data_rate_grace_period = no_deadline;
    app.set_limits(limits).set_shutdown_timeout(no_deadline);
    app.map("/body", [this](http_context& context) -> task<void> {
      std::array<std::byte, 1000> buffer;
      co_await context.request().read(buffer);
      waiting_.release();
      co_await context.request().read_all();
    });
    app.map("/response", [this](http_context& context) -> task<void> {
      const std::string block(1'000'000, 'x');
      co_await context.response().write("x");
      waiting_.release();
      for (;;) co_await context.response().write(block);
    });
  }

  std::counting_semaphore<> waiting_{0};
  test_server server_;
};

TEST(server_stop, gives_a_second_to_those_whose_handlers_wait_for_them) {
  waiting_server waiting;
  auto sends = raw_client::connect(waiting.port());
  sends.send_all("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n" +
                 std::string(50'000, 'x'));
  auto reads = raw_client::connect_with_small_buffer(waiting.port());
  reads.send_all(get("/response"));
  EXPECT_EQ(reads.read_exactly(8), "HTTP/1.1");
  waiting.wait_until_waiting(2);
  expect_end(waiting.server());
  EXPECT_TRUE(sends.read_to_eof().starts_with("HTTP/1.1 408 "));
}

TEST(server_stop, gives_a_second_to_those_whose_handlers_wait_for_them_over_http2) {
  waiting_server waiting;
  const auto sends = h2_client::connect(waiting.port());
  const auto body = sends->request(h2::get("/body"), false);
  sends->send_data(body, std::string(50'000, 'x'));
  const auto reads = h2_client::connect(waiting.port());
  reads->gives_windows_back = false;
  const auto response = reads->request(h2::get("/response"));
  reads->wait_until([&] { return reads->at_unlocked(response).received == 65'535; });
  waiting.wait_until_waiting(2);
  expect_end(waiting.server());
  EXPECT_EQ(sends->finished(body).status(), "408");
}

TEST(server_stop, does_not_wait_for_half_a_tls_handshake) {
  test_server server(test_server::secure{},
                     [](web_application& app) { app.set_shutdown_timeout(no_deadline); });
  auto client = raw_client::connect(server.port());
  client.send_all("\x16\x03\x01");
  expect_end(server);
}

// Hub calls.

gate* call_gate = nullptr;
std::atomic<int> calls_ended = 0;

struct slow_hub : signalr::hub {
  task<void> wait_for_gate() {
    call_gate->entered();
    co_await call_gate->opened();
    ++calls_ended;
  }
  static void define(signalr::hub_methods<slow_hub>& methods) {
    methods.add("Wait", &slow_hub::wait_for_gate);
  }
};

void call_slow_hub(ws_client& client) {
  client.send({.payload = "{\"protocol\":\"json\",\"version\":1}\x1e"});
  client.read_message();
  client.send(
      {.payload = "{\"type\":1,\"invocationId\":\"1\",\"target\":\"Wait\",\"arguments\":[]}\x1e"});
  call_gate->wait_until_entered();
}

TEST(server_stop, lets_hub_calls_finish) {
  gate calling;
  call_gate = &calling;
  calls_ended = 0;
  test_server server([](web_application& app) {
    app.set_shutdown_timeout(no_deadline);
    app.add(signalr::map_hub<slow_hub>("/hub"));
  });
  ws_client client(server.port(), "/hub");
  call_slow_hub(client);
  server.app().stop();
  EXPECT_EQ(client.read_message().payload, "{\"type\":7,\"allowReconnect\":true}\x1e");
  client.expect_close(1001);
  EXPECT_EQ(calls_ended, 0);
  calling.open();
  expect_end(server);
  EXPECT_EQ(calls_ended, 1);
}

// A start that fails.

/// Lets the process have no more memory than this beyond what it has.
void limit_memory(rlim_t more) {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit limit{};
  ::getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + more;
  ::setrlimit(RLIMIT_AS, &limit);
}

/// A server that cannot have all of its threads; it ends the process.
void start_with_too_few_threads() {
  web_application app;
  app.set_urls("http://127.0.0.1:0").set_threads(32).set_log_level("off");
  app.set_shutdown_timeout(no_deadline);
  limit_memory(40 * 1024 * 1024);  // Not for the stacks of all of them, of 2 MiB at least.
  enum { fine, started, another_error };
  try {
    app.start();
  } catch (const std::system_error&) {
    std::_Exit(fine);
  } catch (...) {
    std::_Exit(another_error);
  }
  std::_Exit(started);
}

TEST(server_start, that_cannot_have_its_threads_ends_those_that_it_has) {
  if (SAKER_SANITIZED) GTEST_SKIP() << "A sanitizer needs the memory.";
  const auto child = ::fork();
  if (child == 0) {
    ::alarm(60);  // A stop that waits for its deadline.
    start_with_too_few_threads();
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// What is cut off.

/// Handlers that never end.
class stuck_server {
 public:
  explicit stuck_server(std::chrono::milliseconds timeout) {
    call_gate = &call_;
    app_.set_urls("http://127.0.0.1:0").set_threads(2).set_log_level("warning");
    app_.set_shutdown_timeout(timeout);
    app_.map("/slow/{name}", [this](http_context&) -> task<void> {
      entered_.release();
      co_await never_;
    });
    app_.map_websocket("/ws", [this](const websocket&) -> task<void> {
      entered_.release();
      co_await never_;
    });
    app_.add(signalr::map_hub<slow_hub>("/hub"));
  }

  web_application& app() noexcept { return app_; }
  void wait_until_entered(int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(entered_.try_acquire_for(patience));
  }
  std::uint16_t port() const {
    const auto url = app_.urls().at(0);
    return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
  }

 private:
  gate call_;
  std::counting_semaphore<> entered_{0};
  completion_source<> never_;
  web_application app_;
};

TEST(server_stop, names_in_one_line_what_the_deadline_has_cut_off) {
  ::testing::internal::CaptureStdout();
  {
    stuck_server server(100ms);
    server.app().start();
    std::vector<raw_client> clients;
    for (const auto* path : {"/slow/a", "/slow/a", "/slow/b"}) {
      clients.push_back(raw_client::connect(server.port()));
      clients.back().send_all(get(path));
    }
    const ws_client socket(server.port());
    ws_client hub(server.port(), "/hub");
    server.wait_until_entered(4);
    call_slow_hub(hub);
    server.app().stop();
    EXPECT_FALSE(server.app().wait());
  }
  const auto log = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
  for (const auto* part : {"The stop has cut off ", "4 requests (", "2 x GET /slow/a",
                           "GET /slow/b", "GET /ws", "1 hub call (Wait)"}) {
    EXPECT_NE(log.find(part), std::string::npos) << part << " is not in " << log;
  }
}

raw_client connect_when_it_listens(const std::string& path) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    try {
      return raw_client::connect_unix(path);
    } catch (const std::exception&) {
      if (std::chrono::steady_clock::now() > deadline) throw;
      std::this_thread::sleep_for(10ms);
    }
  }
}

/// What `run` returns; `during` is called once the handler of a request waits.
template <class During>
int exit_code(std::chrono::milliseconds timeout, During&& during) {
  const auto path = ::testing::TempDir() + "saker-code-" + std::to_string(::getpid()) + ".sock";
  stuck_server server(timeout);
  server.app().set_log_level("off").set_urls("http://unix:" + path);
  auto code = std::async(std::launch::async, [&] { return server.app().run(); });
  auto client = connect_when_it_listens(path);
  client.send_all(get("/slow/a"));
  server.wait_until_entered(1);
  during(server.app());
  return code.get();
}

TEST(server_stop, makes_run_tell_that_requests_were_cut_off) {
  EXPECT_EQ(exit_code(100ms, [](web_application& app) { app.stop(); }),
            web_application::exit_code_cut_off);
  EXPECT_EQ(exit_code(0ms, [](web_application& app) { app.stop(); }), 0) << "as it was asked for";
}

TEST(server_stop, ends_at_once_with_a_second_signal) {
  const auto twice = [](web_application& app) {
    std::promise<void> stopping;
    const std::stop_callback signal(app.stopping(), [&] { stopping.set_value(); });
    ::kill(::getpid(), SIGINT);
    ASSERT_EQ(stopping.get_future().wait_for(patience), std::future_status::ready);
    ::kill(::getpid(), SIGINT);
  };
  EXPECT_EQ(exit_code(no_deadline, twice), web_application::exit_code_cut_off);
}

}  // namespace
}  // namespace saker::testing
