// The echo sample as a user starts it: its endpoints, its options, its end.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "io/sockets.hpp"
#include "support/program.hpp"
#include "support/raw_client.hpp"

namespace saker::testing {
namespace {

using words = std::vector<std::string>;

words echo_with(const words& options) {
  words all{SAKER_ECHO_PROGRAM};
  all.insert(all.end(), options.begin(), options.end());
  return all;
}

constexpr std::string_view get_root = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
constexpr std::string_view handshake =
    "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

void expect_page(raw_client client) {
  client.send_all(get_root);
  EXPECT_TRUE(client.read_to_eof().starts_with("HTTP/1.1 200 OK\r\n"));
}

std::string socket_path() {
  return ::testing::TempDir() + "saker-" + std::to_string(::getpid()) + ".sock";
}

TEST(server_program, serves_several_endpoints) {
  const auto path = socket_path();
  program server(echo_with({"--urls", "http://127.0.0.1:0;http://unix:" + path}));
  const auto port = server.wait_for_port();
  server.wait_for_output("Now listening on: http://unix:" + path);
  struct stat socket_file{};
  ASSERT_EQ(::stat(path.c_str(), &socket_file), 0);
  EXPECT_EQ(socket_file.st_mode & 0777U, 0600U) << "nobody else may connect";
  for (int i = 0; i < 4; ++i) {  // More than there are loops.
    expect_page(raw_client::connect(port));
    expect_page(raw_client::connect_unix(path));
  }
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_for_exit(), 0);
  struct stat status{};
  EXPECT_NE(::stat(path.c_str(), &status), 0) << "the socket file is still there";
}

TEST(server_program, replaces_the_socket_file_of_a_dead_server) {
  const auto path = socket_path();
  {
    program killed(echo_with({"--urls", "http://unix:" + path}));
    killed.wait_for_output("Now listening on: http://unix:");
  }
  program server(echo_with({"--urls", "http://unix:" + path}));
  server.wait_for_output("Now listening on: http://unix:");
  expect_page(raw_client::connect_unix(path));
  program second(echo_with({"--urls", "http://unix:" + path}));
  EXPECT_EQ(second.wait_for_exit(), 1) << "a living server's socket was taken";
}

TEST(server_program, reads_its_endpoints_from_the_environment) {
  program server(echo_with({}), {"SAKER_URLS=http://127.0.0.1:0"});
  expect_page(raw_client::connect(server.wait_for_port()));
}

TEST(server_program, prefers_the_command_line) {
  program server(echo_with({"--urls", "http://127.0.0.1:0"}), {"SAKER_URLS=http://nowhere:1"});
  server.wait_for_output("Now listening on: http://127.0.0.1:");
}

TEST(server_program, reads_the_environment_and_names_it_in_errors) {
  const auto path = socket_path();
  {
    program server(echo_with({}),
                   {"SAKER_URLS=http://unix:" + path, "SAKER_UNIX_SOCKET_MODE=660",
                    "SAKER_THREADS=1", "SAKER_LOG_LEVEL=debug", "SAKER_SHUTDOWN_TIMEOUT=0.5"});
    server.wait_for_output("Now listening on: http://unix:");
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0660U);
  }
  program refused(echo_with({}), {"SAKER_THREADS=none"});
  EXPECT_EQ(refused.wait_for_exit(), 2);
  EXPECT_NE(refused.errors().find("SAKER_THREADS 'none'"), std::string::npos) << refused.errors();
}

TEST(server_program, serves_localhost_on_both_loopbacks) {
  program server(echo_with({"--urls", "http://localhost:0"}));
  const auto port = server.wait_for_port();
  expect_page(raw_client::connect(port));
  if (io::is_ipv6_available()) {
    EXPECT_THROW(io::bind_tcp({"::1", port}), std::system_error);
  }
}

TEST(server_program, says_in_one_line_that_a_port_is_in_use) {
  program first(echo_with({"--urls", "http://127.0.0.1:0"}));
  const auto url = "http://127.0.0.1:" + std::to_string(first.wait_for_port());
  program second(echo_with({"--urls", url}));
  EXPECT_EQ(second.wait_for_exit(), 1);
  EXPECT_EQ(std::count(second.errors().begin(), second.errors().end(), '\n'), 1);
  EXPECT_NE(second.errors().find(url), std::string::npos) << second.errors();
  EXPECT_NE(second.errors().find("address already in use"), std::string::npos);
}

TEST(server_program, listens_where_a_host_name_leads) {
  char name[256] = "";
  ASSERT_EQ(::gethostname(name, sizeof name - 1), 0);
  std::vector<std::string> addresses;
  try {
    addresses = io::resolve(name);
  } catch (const std::system_error&) {
    GTEST_SKIP() << "The machine does not know its own name.";
  }
  program server(echo_with({"--urls", std::string("http://") + name + ":0"}));
  const auto port = server.wait_for_port();
  EXPECT_THROW(io::bind_tcp({addresses.front(), port}), std::system_error);
}

TEST(server_program, refuses_a_host_name_that_leads_nowhere) {
  program server(echo_with({"--urls", "http://127.0.0.1:0;http://nowhere.invalid:0"}));
  EXPECT_EQ(server.wait_for_exit(), 1);
  EXPECT_EQ(std::count(server.errors().begin(), server.errors().end(), '\n'), 1);
  EXPECT_NE(server.errors().find("http://nowhere.invalid:0"), std::string::npos) << server.errors();
  EXPECT_NE(server.errors().find("cannot be resolved"), std::string::npos) << server.errors();
}

struct bad_option {
  words options;
  std::string named;
  std::string allowed;
};

class server_options : public ::testing::TestWithParam<bad_option> {};

TEST_P(server_options, bad_ones_end_with_one_line_and_code_2) {
  program server(echo_with(GetParam().options));
  EXPECT_EQ(server.wait_for_exit(), 2);
  EXPECT_EQ(std::count(server.errors().begin(), server.errors().end(), '\n'), 1) << server.errors();
  EXPECT_NE(server.errors().find(GetParam().named), std::string::npos) << server.errors();
  EXPECT_NE(server.errors().find(GetParam().allowed), std::string::npos) << server.errors();
}

INSTANTIATE_TEST_SUITE_P(
    table, server_options,
    ::testing::Values(
        bad_option{{"--threads", "0"}, "--threads '0'", "from 1 to 1024"},
        bad_option{{"--threads", "many"}, "--threads 'many'", "from 1 to 1024"},
        bad_option{{"--urls", "ftp://x"}, "--urls 'ftp://x'", "Only 'http://'"},
        bad_option{{"--urls", "http://localhost:99999"}, "99999", "0 to 65535"},
        bad_option{{"--urls", "http://unix:tmp"}, "unix:tmp", "must be absolute"},
        bad_option{{"--urls", "http://localhost:80/x"}, "/x", "a path is not allowed"},
        bad_option{{"--urls", "http://0:80"}, "http://0:80", "is no IP address"},
        bad_option{{"--urls", "http://127.1:80"}, "127.1", "is no IP address"},
        bad_option{{"--urls", "http://300.0.0.1:80"}, "300.0.0.1", "is no IP address"},
        bad_option{{"--urls", "http://user@host:80"}, "user@host", "is no IP address"},
        bad_option{{"--urls", "http://a,b:80"}, "a,b", "is no IP address"},
        bad_option{{"--urls", "http://%2a:80"}, "%2a", "is no IP address"},
        bad_option{{"--urls", "http://.:80"}, "http://.:80", "is no IP address"},
        bad_option{{"--urls", ";"}, "--urls ';'", "No server address"},
        bad_option{{"--shutdown-timeout", "-1"}, "--shutdown-timeout '-1'", "0 or more seconds"},
        bad_option{{"--shutdown-timeout", "nan"}, "--shutdown-timeout 'nan'", "0 or more seconds"},
        bad_option{{"--unix-socket-mode", "1777"}, "--unix-socket-mode '1777'", "from 0 to 777"},
        bad_option{{"--unix-socket-mode", "rw"}, "--unix-socket-mode 'rw'", "octal digits"},
        bad_option{{"--log-level", "loud"}, "--log-level 'loud'", "debug, information"},
        bad_option{{"--bogus"}, "--bogus", "--help"}));

TEST(server_program, shows_its_options) {
  program server(echo_with({"--help"}));
  EXPECT_EQ(server.wait_for_exit(), 0);
  for (const auto* option : {"--urls", "--threads", "--log-level", "--no-compression"}) {
    EXPECT_NE(server.output().find(option), std::string::npos) << option;
  }
}

TEST(server_program, compresses_unless_it_is_told_not_to) {
  std::string offer(handshake);
  offer.insert(offer.size() - 2, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  const auto agreed = [&](const words& options) {
    program server(echo_with(options));
    auto client = raw_client::connect(server.wait_for_port());
    client.send_all(offer);
    const auto head = client.read_until("\r\n\r\n");
    return head.find("Sec-WebSocket-Extensions: permessage-deflate\r\n") != std::string::npos;
  };
  EXPECT_TRUE(agreed({"--urls", "http://127.0.0.1:0"}));
  EXPECT_FALSE(agreed({"--urls", "http://127.0.0.1:0", "--no-compression"}));
}

TEST(server_program, stops_in_order_with_open_connections) {
  program server(echo_with({"--urls", "http://127.0.0.1:0"}));
  const auto port = server.wait_for_port();
  auto idle = raw_client::connect(port);
  auto socket = raw_client::connect(port);
  socket.send_all(handshake);
  socket.read_until("\r\n\r\n");
  server.signal(SIGTERM);
  EXPECT_EQ(socket.read_exactly(4), std::string("\x88\x02\x03\xe9", 4));  // Close 1001.
  EXPECT_EQ(idle.read_to_eof(), "");
  idle.close();
  socket.send_all(std::string("\x88\x82\0\0\0\0\x03\xe9", 8));
  EXPECT_EQ(socket.read_to_eof(), "");
  socket.close();
  EXPECT_EQ(server.wait_for_exit(), 0);
}

TEST(server_program, ends_at_once_with_a_second_signal) {
  program server(echo_with({"--urls", "http://127.0.0.1:0"}));
  auto socket = raw_client::connect(server.wait_for_port());
  socket.send_all(handshake);
  socket.read_until("\r\n\r\n");
  server.signal(SIGINT);
  socket.read_exactly(4);  // The Close, which is never answered.
  server.signal(SIGINT);
  EXPECT_EQ(server.wait_for_exit(), 0);
}

long resident_bytes(int pid) {
  std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
  long total = 0;
  long resident = 0;
  statm >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

void echo_and_close(std::uint16_t port) {
  auto client = raw_client::connect(port);
  client.send_all(handshake);
  client.read_until("\r\n\r\n");
  client.send_all(std::string("\x82\x85\0\0\0\0hello", 11));
  EXPECT_EQ(client.read_exactly(7), "\x82\x05hello");
  client.send_all(std::string("\x88\x80\0\0\0\0", 6));
  client.read_to_eof();
}

std::size_t open_descriptors(int pid) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(server_program, does_not_grow_with_connections_that_come_and_go) {
  // Sanitizers keep freed memory back: there only the descriptors count.
  constexpr bool sanitized = SAKER_SANITIZED;
  constexpr int connections = sanitized ? 300 : 2500;
  program server(echo_with({"--urls", "http://127.0.0.1:0", "--threads", "1"}));
  const auto port = server.wait_for_port();
  for (int i = 0; i < connections; ++i) echo_and_close(port);
  const auto memory = resident_bytes(server.pid());
  const auto descriptors = open_descriptors(server.pid());
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < connections; ++i) echo_and_close(port);
  }
  // The last connection may not have been closed yet, at either time.
  EXPECT_LE(open_descriptors(server.pid()), descriptors + 1);
  if (!sanitized) {
    EXPECT_LT(resident_bytes(server.pid()), memory + 512 * 1024);
  }
}

}  // namespace
}  // namespace saker::testing
