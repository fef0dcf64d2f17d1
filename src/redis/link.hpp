#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <saker/async/event_loop.hpp>
#include <saker/async/task.hpp>

#include "async/deadline.hpp"
#include "redis/address.hpp"
#include "redis/resp.hpp"
#include "redis/session.hpp"

namespace saker::redis {

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

/// Commands on their way to Redis.
struct link_output {
  std::string queued;
  std::size_t writing = 0;  ///< Bytes.
  bool has_writer = false;
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
  bool is_up() const noexcept { return peer_ != peer::down; }
  /// Queues commands; they leave together. Only while it is up.
  void send(std::string_view commands);
  /// Bytes of commands that the system has not taken.
  std::size_t waiting() const noexcept { return output_.queued.size() + output_.writing; }
  /// Nothing of it runs.
  bool has_ended() const noexcept { return tasks_ == 0; }
  /// Ends the connection; the link makes a new one.
  void drop(std::string why);

 private:
  /// What is known of Redis since it was last looked after.
  enum class peer : std::uint8_t { down, silent, heard, asked };

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
  async::deadline keep_alive_;
  peer peer_ = peer::down;
  std::string drop_reason_;
  link_output output_;
  unsigned tasks_ = 0;
};

}  // namespace saker::redis
