#include "support/redis_server.hpp"

#include <csignal>
#include <stdexcept>
#include <utility>

#include "io/sockets.hpp"
#include "support/raw_client.hpp"

namespace saker::testing {

std::uint16_t redis_server::free_port() {
  const auto bound = io::bind_tcp({"127.0.0.1", 0});
  io::close_socket(bound.descriptor);
  return bound.port;
}

redis_server::redis_server(const std::vector<std::string>& options)
    : options_(options), port_(free_port()) {
  // Another program may take the port in the meantime.
  for (int attempt = 0;; ++attempt) {
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      if (attempt == 3) throw;
      port_ = free_port();
    }
  }
}

void redis_server::start() {
  std::vector<std::string> words{SAKER_REDIS_SERVER,    "--bind", "127.0.0.1", "--port",
                                 std::to_string(port_), "--save", "",          "--dir",
                                 directory_.file("")};
  words.insert(words.end(), options_.begin(), options_.end());
  process_ = std::make_unique<program>(words);
  process_->wait_for_output("eady to accept connections");
}

void redis_server::kill() {
  process_->signal(SIGKILL);
  process_->wait_for_exit();
}

void redis_server::restart() { start(); }

redis::owned_reply redis_server::ask(const std::vector<std::string>& words) const {
  auto connection = raw_client::connect(port_);
  connection.send_all(redis::command(std::vector<std::string_view>(words.begin(), words.end())));
  redis::resp_reader reader;
  for (;;) {
    const auto bytes = connection.read_some();
    if (bytes.empty()) throw std::runtime_error("Redis has ended the connection.");
    reader.feed(bytes);
    if (auto reply = reader.next()) return reply;
  }
}

long long redis_server::subscribers(const std::string& channel) const {
  const auto reply = ask({"PUBSUB", "NUMSUB", channel});
  return redis::elements_of(*reply)[1]->integer;
}

}  // namespace saker::testing
