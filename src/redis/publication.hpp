#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace saker::redis {

/// What has become of a message that was published: how many servers have got it, or why Redis has
/// not confirmed it.
struct publish_result {
  std::int64_t receivers = 0;
  std::string error = {};
};
using publish_listener = std::function<void(const publish_result&)>;

/// A message on its way to Redis. Without a channel it is a PING.
struct publication {
  std::string channel;
  std::string command;
  publish_listener listener;
  std::chrono::steady_clock::time_point deadline;

  /// Returns the bytes that it takes, about.
  std::size_t cost() const noexcept {
    constexpr std::size_t item = 256;
    return item + channel.size() + command.size();
  }
};

}  // namespace saker::redis
