#include "redis/resp.hpp"

#include <new>

namespace saker::redis {

std::string_view text_of(const redisReply& reply) noexcept {
  return reply.str ? std::string_view(reply.str, static_cast<std::size_t>(reply.len))
                   : std::string_view();
}

std::span<redisReply* const> elements_of(const redisReply& reply) noexcept {
  if (reply.type != REDIS_REPLY_ARRAY) return {};
  return {reply.element, static_cast<std::size_t>(reply.elements)};
}

void resp_reader::feed(std::span<const char> data) {
  if (!reader_ || redisReaderFeed(reader_.get(), data.data(), data.size()) != REDIS_OK) {
    throw redis_error("Redis' answer cannot be read: out of memory.");
  }
}

owned_reply resp_reader::next() {
  void* made = nullptr;
  if (redisReaderGetReply(reader_.get(), &made) != REDIS_OK) {
    throw redis_error(std::string("What answers does not speak as Redis does: ") + reader_->errstr);
  }
  return owned_reply(static_cast<redisReply*>(made));
}

std::string command(std::span<const std::string_view> arguments) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  texts.reserve(arguments.size());
  sizes.reserve(arguments.size());
  for (const auto each : arguments) {
    texts.push_back(each.data());
    sizes.push_back(each.size());
  }
  char* made = nullptr;
  const auto size =
      redisFormatCommandArgv(&made, static_cast<int>(arguments.size()), texts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc();
  const std::unique_ptr<char, void (*)(char*)> owned(made, redisFreeCommand);
  return {made, static_cast<std::size_t>(size)};
}

}  // namespace saker::redis
