#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace saker::signalr::backplane {

/// The names of a hub's channels: the prefix of all, the hub's name, and what the channel is for.
class channels {
 public:
  channels(std::string_view prefix, std::string_view hub)
      : begin_(std::string(prefix) + std::string(hub) + ":") {}

  std::string all() const { return begin_ + "all"; }
  std::string connection(std::string_view id) const { return join("connection:", id); }
  std::string user(std::string_view id) const { return join("user:", id); }
  std::string group(std::string_view name) const { return join("group:", name); }
  std::string group_commands() const { return begin_ + "internal:groups"; }
  std::string acks(std::string_view server) const { return join("internal:ack:", server); }
  std::string answers(std::string_view server) const { return join("internal:return:", server); }

 private:
  std::string join(std::string_view kind, std::string_view name) const {
    std::string channel = begin_;
    return channel.append(kind).append(name);
  }

  std::string begin_;
};

}  // namespace saker::signalr::backplane
