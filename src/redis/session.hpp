#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <saker/async/event_loop.hpp>
#include <saker/async/task.hpp>

#include "async/deadline.hpp"
#include "redis/address.hpp"
#include "redis/resp.hpp"
#include "redis/socket.hpp"

namespace saker::redis {

/// Everything that the connections to Redis have in common.
struct link_settings {
  std::string user;
  std::string password;
  unsigned database = 0;
  std::string client_name;
  std::shared_ptr<tls_client> tls;  ///< Null: none.
  /// Sentinels that know the address, and by which name; empty: it is given.
  std::vector<address> sentinels;
  std::string sentinel_master;
  std::string sentinel_user;
  std::string sentinel_password;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds keep_alive_interval{10'000};
  std::chrono::milliseconds minimum_reconnect_delay{50};
  std::chrono::milliseconds maximum_reconnect_delay{2'000};
};

/// A connection that is there for one question after the other: connect, sign in, ask.
///
/// Thread rule: its loop. Over the connect time, and after `close`, everything fails.
class session {
 public:
  session(event_loop& loop, const link_settings& settings, tls_client* tls);

  task<void> open(address where);
  /// Throws `refusal` when the answer is an error.
  task<owned_reply> ask(std::string request);
  task<void> sign_in(std::string user, std::string password);

  redis::socket& socket() noexcept { return socket_; }
  resp_reader& reader() noexcept { return reader_; }
  /// Reads more into the reader; throws at the end of the connection.
  task<void> read_more();
  void close() noexcept { socket_.close(); }
  /// What is asked from here on may take as long as it takes.
  void end_limit() noexcept { limit_.clear(); }

 private:
  redis::socket socket_;
  resp_reader reader_;
  std::vector<char> buffer_;
  async::deadline limit_;
  event_loop& loop_;
  std::chrono::milliseconds time_;
  bool timed_out_ = false;
};

}  // namespace saker::redis
