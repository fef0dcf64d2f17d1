#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <saker/core/event_loop.hpp>
#include <saker/core/task.hpp>

#include "core/deadline.hpp"
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
  core::deadline limit_;
  event_loop& loop_;
  std::chrono::milliseconds time_;
  bool timed_out_ = false;
};

/// Who uses a link. All calls come on its loop.
class link_user {
 public:
  virtual void on_up() = 0;
  virtual void on_reply(const redisReply& reply) = 0;
  /// Nothing has come for a while: a command that is answered tells whether somebody is there.
  virtual void on_idle() = 0;
  /// It is lost, or could not be made; the link tries again.
  virtual void on_down(const std::string& why) = 0;

 protected:
  ~link_user() = default;
};

/// A connection to one Redis server that comes back by itself, with a pause that doubles up to a
/// limit. Asks the Sentinels each time, where there are any, and takes only a master then.
///
/// Owner: its user, until the loop has ended. Thread rule: its loop.
class link {
 public:
  link(event_loop& loop, const link_settings& settings, address where, link_user& user);
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  void start();
  void stop();
  bool is_up() const noexcept { return up_; }
  /// Queues commands; they leave together. Only while it is up.
  void send(std::string_view commands);
  /// Ends the connection; the link makes a new one.
  void drop(std::string why);

 private:
  task<void> run();
  task<void> connect();
  task<address> find_master();
  task<void> read_replies(std::shared_ptr<session> from);
  task<void> write_output(std::shared_ptr<session> to);
  void look_after();

  event_loop& loop_;
  const link_settings& settings_;
  const address where_;
  link_user& user_;
  std::stop_source stop_;
  std::shared_ptr<session> session_;
  core::deadline keep_alive_;
  bool up_ = false;
  bool heard_ = false;
  bool asked_ = false;
  bool is_writing_ = false;
  std::string drop_reason_;
  std::string output_;
};

}  // namespace saker::redis
