#pragma once

#include <hiredis/hiredis.h>

#include <initializer_list>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace saker::redis {

struct reply_deleter {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using owned_reply = std::unique_ptr<redisReply, reply_deleter>;

/// What a Redis server has answered is an error, or no RESP at all.
class redis_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The server has answered with an error.
class refusal : public redis_error {
 public:
  explicit refusal(std::string_view text) : redis_error("Redis says: " + std::string(text)) {}
};

/// The text of a string, a status or an error; empty for others.
std::string_view text_of(const redisReply& reply) noexcept;
inline bool is_error(const redisReply& reply) noexcept { return reply.type == REDIS_REPLY_ERROR; }
std::span<redisReply* const> elements_of(const redisReply& reply) noexcept;

/// Bytes in, replies out (RESP2): hiredis's reader.
class resp_reader {
 public:
  void feed(std::span<const char> data);
  /// Null: the next one is not complete. Throws redis_error when there will never be one.
  owned_reply next();

 private:
  struct deleter {
    void operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }
  };
  std::unique_ptr<redisReader, deleter> reader_{redisReaderCreate()};
};

/// A command as RESP.
std::string command(std::span<const std::string_view> arguments);
inline std::string command(std::initializer_list<std::string_view> arguments) {
  return command(std::span(arguments.begin(), arguments.size()));
}

}  // namespace saker::redis
